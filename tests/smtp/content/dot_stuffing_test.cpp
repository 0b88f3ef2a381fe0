#include "smtp/content/dot_stuffing.h"

#include <random>

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

std::string stuffed(std::string_view content) {
  DotStuffing stuffing;
  std::string out;
  stuffing.write(content, out);
  stuffing.finish(out);
  return out;
}

/// The same, written in pieces.
std::string cut(std::string_view content, Dots dots, std::mt19937& random) {
  DotStuffing stuffing(dots);
  std::string out;
  for (std::string_view rest = content; !rest.empty();) {
    const std::size_t piece = 1 + random() % rest.size();
    stuffing.write(rest.substr(0, piece), out);
    rest.remove_prefix(piece);
  }
  stuffing.finish(out);
  return out;
}

/// What RFC 5321 §4.5.2 and our repairs say, octet by octet.
std::string expected(std::string_view content, Dots dots = Dots::stuffed) {
  std::string lines;
  for (std::size_t at = 0; at < content.size(); ++at) {
    const char c = content[at];
    if (c == '\n' && at > 0 && content[at - 1] == '\r') continue;
    lines += c == '\r' || c == '\n' ? "\r\n" : std::string(1, c);
  }
  if (!lines.empty() && !lines.ends_with("\r\n")) lines += "\r\n";
  if (dots == Dots::plain) return lines;
  std::string out;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (lines[at] == '.' && (at == 0 || lines[at - 1] == '\n')) out += '.';
    out += lines[at];
  }
  return out + ".\r\n";
}

TEST(DotStuffing, DoublesLeadingDotsOnly) {
  EXPECT_EQ(stuffed(".\r\n..\r\na.b\r\n.c"), "..\r\n...\r\na.b\r\n..c\r\n.\r\n");
}

TEST(DotStuffing, EmptyContentIsALoneDot) {
  EXPECT_EQ(stuffed(""), ".\r\n");
}

TEST(DotStuffing, NoBareLineEndCanEndTheContent) {
  EXPECT_EQ(stuffed("a\n.\nb"), "a\r\n..\r\nb\r\n.\r\n");
  EXPECT_EQ(stuffed("a\r.\rb"), "a\r\n..\r\nb\r\n.\r\n");
  EXPECT_EQ(stuffed("a\r\r\n.\r\n"), "a\r\n\r\n..\r\n.\r\n");
}

TEST(DotStuffing, GivesTheSameOctetsWhereverTheBlocksAreCut) {
  std::mt19937 random(75);
  for (int round = 0; round < 3000; ++round) {
    std::string content;
    const std::size_t size = random() % 60;
    while (content.size() < size) content += ".\r\nxy\0"[random() % 6];
    ASSERT_EQ(cut(content, Dots::stuffed, random), expected(content)) << "round " << round;
  }
}

// Long enough that most of it is not looked at line by line; now and then something is to change.
TEST(DotStuffing, ChangesWhatIsToChangeAmongMuchThatIsNot) {
  std::mt19937 random(76);
  for (int round = 0; round < 300; ++round) {
    std::string content;
    while (content.size() < 5000) {
      content.append(random() % 200, 'x').append("\r\n");
      if (random() % 8 == 0) content += ".\r\n\0"[random() % 4];
    }
    for (const Dots dots : {Dots::stuffed, Dots::plain}) {
      ASSERT_EQ(cut(content, dots, random), expected(content, dots)) << "round " << round;
    }
  }
}

TEST(DotStuffing, LongLinesGoThroughWhole) {
  const std::string line(100'000, 'x');
  EXPECT_EQ(stuffed(line + "\r\n"), line + "\r\n.\r\n");
}

}  // namespace
}  // namespace postern::smtp
