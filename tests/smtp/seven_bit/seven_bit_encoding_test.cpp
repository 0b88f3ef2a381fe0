#include <random>

#include <gtest/gtest.h>

#include "smtp/seven_bit/encoding.h"

namespace postern::smtp {
namespace {

using namespace std::string_literals;

std::string quoted_printable(std::string_view text) {
  QuotedPrintableEncoder encoder;
  std::string out;
  encoder.feed(text, out);
  encoder.finish(out);
  return out;
}

std::string base64(std::string_view octets) {
  Base64Encoder encoder;
  std::string out;
  encoder.feed(octets, out);
  encoder.finish(out);
  return out;
}

TEST(SevenBitEncoding, EightBitOctetsAreFoundWhereverTheyStand) {
  for (std::size_t size = 1; size < 200; ++size) {
    EXPECT_FALSE(has_8bit(std::string(size, '\x7F')));
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '\x80';
      ASSERT_TRUE(has_8bit(text)) << at << " of " << size;
    }
  }
}

TEST(SevenBitEncoding, EveryLineEndBecomesCrlf) {
  std::string out;
  append_with_crlf("a\r\nb\nc\rd\r\r\n\n\re", out);
  EXPECT_EQ(out, "a\r\nb\r\nc\r\nd\r\n\r\n\r\n\r\ne");
}

TEST(SevenBitEncoding, FillerLosesItsEightBitOctetsAndCannotBecomeADelimiter) {
  std::string out;
  append_replacing_8bit("pr\xE4\r\n--b\xE4\n--b\r-x", out);
  EXPECT_EQ(out, "pr?\r\n?-b?\n--b\r-x");
}

TEST(QuotedPrintableEncoder, QuotesWhatIsNotPrintableAndTheEqualsSign) {
  EXPECT_EQ(quoted_printable("a=b \xC3\xA4\x7F\0\tc"s), "a=3Db =C3=A4=7F=00\tc");
}

TEST(QuotedPrintableEncoder, QuotesTheLastBlankOfALine) {
  EXPECT_EQ(quoted_printable("a  \r\n\tb\t\r\n \r\n"), "a =20\r\n\tb=09\r\n=20\r\n");
  EXPECT_EQ(quoted_printable("a "), "a=20");
}

TEST(QuotedPrintableEncoder, LineEndsStay) {
  EXPECT_EQ(quoted_printable("\r\n\r\na\r\n"), "\r\n\r\na\r\n");
}

TEST(QuotedPrintableEncoder, NoLineBeginsWithADotOrTwoHyphens) {
  EXPECT_EQ(quoted_printable(".\r\n..\r\n--b\r\n-- \r\n- a\r\n"),
            "=2E\r\n=2E.\r\n-=2Db\r\n-=2D=20\r\n- a\r\n");
}

TEST(QuotedPrintableEncoder, ASoftLineBreakMakesNoDelimiter) {
  const std::string encoded = quoted_printable(std::string(75, 'x') + "--b");
  EXPECT_EQ(encoded, std::string(75, 'x') + "=\r\n-=2Db");
}

TEST(QuotedPrintableEncoder, LinesHaveSeventySixCharactersAtMost) {
  EXPECT_EQ(quoted_printable(std::string(76, 'x')), std::string(75, 'x') + "=\r\nx");
  EXPECT_EQ(quoted_printable(std::string(73, 'x') + "\xE4"), std::string(73, 'x') + "=\r\n=E4");
  EXPECT_EQ(quoted_printable(std::string(72, 'x') + "\xE4"), std::string(72, 'x') + "=E4");
}

TEST(QuotedPrintableEncoder, GivesTheSameOctetsWhereverTheBlocksAreCut) {
  std::mt19937 random(6);
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> units;  // a CRLF is never cut
    const std::size_t count = random() % 200;
    for (std::size_t unit = 0; unit < count; ++unit) {
      constexpr std::string_view octets = "ab-- \t.=\xE4";
      const std::size_t pick = random() % (octets.size() + 1);
      units.push_back(pick == octets.size() ? "\r\n" : std::string(1, octets[pick]));
    }
    QuotedPrintableEncoder encoder;
    std::string whole;
    std::string out;
    std::string block;
    for (const std::string& unit : units) {
      whole += unit;
      block += unit;
      if (random() % 4 == 0) encoder.feed(std::exchange(block, {}), out);
    }
    encoder.feed(block, out);
    encoder.finish(out);
    ASSERT_EQ(out, quoted_printable(whole)) << "round " << round;
  }
}

TEST(Base64, GivesLinesOfSeventySixCharactersEachEnded) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("\0"s), "AA==\r\n");
  EXPECT_EQ(base64("\xFF\xFE\xFD"), "//79\r\n");
  EXPECT_EQ(base64(std::string(57, '\0')), std::string(76, 'A') + "\r\n");
  EXPECT_EQ(base64(std::string(59, '\0')), std::string(76, 'A') + "\r\nAAA=\r\n");
}

TEST(Base64, ItsSizeIsKnownBeforehandAndItsOctetsDoNotDependOnTheBlocks) {
  std::mt19937 random(45);
  for (std::size_t size = 0; size < 400; ++size) {
    std::string octets;
    while (octets.size() < size) octets += static_cast<char>(random() % 256);
    Base64Encoder encoder;
    std::string out;
    for (std::string_view rest = octets; !rest.empty();) {
      const std::size_t piece = 1 + random() % rest.size();
      encoder.feed(rest.substr(0, piece), out);
      rest.remove_prefix(piece);
    }
    encoder.finish(out);
    EXPECT_EQ(out, base64(octets));
    ASSERT_EQ(out.size(), Base64Encoder::size_of(size));
  }
}

}  // namespace
}  // namespace postern::smtp
