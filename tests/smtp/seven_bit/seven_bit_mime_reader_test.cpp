#include <random>

#include <gtest/gtest.h>

#include "base/mime/mime_reader.h"
#include "tests/smtp/seven_bit/seven_bit_support.h"

namespace postern::smtp {
namespace {

using test::CutSource;
using Kind = MimeEvent::Kind;

/// The events in short: H type{...}, C{...}, F{...}, D{...}; events of one kind are joined.
std::string walked(const OctetSource& source) {
  MimeReader walk(source.open());
  std::string text;
  Kind open = Kind::end;
  for (;;) {
    const MimeEvent event = walk.next();
    if (event.kind == Kind::end) return text;
    if (event.kind == Kind::refused) return "refused: " + std::string(event.octets);
    if (event.kind == Kind::content_end) {
      text += ".";
    } else if (event.kind == Kind::header) {
      text += "H " + walk.entity().media.type + "/" + walk.entity().media.subtype + "{}";
    } else if (event.kind == open && event.kind != Kind::delimiter) {
      text.insert(text.size() - 1, event.octets);
    } else if (!event.octets.empty()) {
      text += event.kind == Kind::content ? "C{" : event.kind == Kind::filler ? "F{" : "D{";
      text += std::string(event.octets) + "}";
    } else {
      continue;
    }
    open = event.kind;
  }
}

std::string walked(std::string_view text) {
  return walked(CutSource(std::string(text)));
}

std::string multipart(std::string_view boundary, std::string_view subtype = "mixed") {
  return "Content-Type: multipart/" + std::string(subtype) + "; boundary=\"" +
         std::string(boundary) + "\"\n\n";
}

/// The octets of all events, headers with the caller's line ends.
std::string joined(const OctetSource& source) {
  MimeReader walk(source.open());
  std::string text;
  for (MimeEvent event = walk.next(); event.kind != Kind::end; event = walk.next()) {
    text += event.octets;
  }
  return text;
}

TEST(MimeReader, TellsWhatLiesWithinAnEmbeddedMessage) {
  const CutSource source(multipart("a") + "--a\n\nx\n--a\nContent-Type: message/rfc822\n\n" +
                         multipart("b") + "--b\n\ny\n--b--\n--a\n\nz\n--a--\n");
  MimeReader walk(source.open());
  std::string embedded;
  for (MimeEvent event = walk.next(); event.kind != Kind::end; event = walk.next()) {
    if (event.kind == Kind::header) embedded += walk.is_embedded() ? 'e' : '-';
  }
  EXPECT_EQ(embedded, "---ee-");
}

TEST(MimeReader, ALeafIsItsHeaderAndItsContent) {
  EXPECT_EQ(walked("A: b\r\n\r\ntext\r\n"), "H text/plain{}C{text\r\n}.");
  EXPECT_EQ(walked("A: b\r\n\r\n"), "H text/plain{}.");
  EXPECT_EQ(walked("A: b"), "H text/plain{}.");
  EXPECT_EQ(walked(""), "H text/plain{}.");
}

TEST(MimeReader, AHeaderEndsAtTheFirstLineThatIsNoField) {
  EXPECT_EQ(walked("A: b\nDear John\nc: d\n"), "H text/plain{}C{Dear John\nc: d\n}.");
}

TEST(MimeReader, TheLineEndBeforeADelimiterIsTheDelimiters) {
  EXPECT_EQ(walked(multipart("b") + "pre\n--b\n\none\n\n--b\nA: b\n\ntwo\n--b--\nepi\n"),
            "H multipart/mixed{}F{pre}D{\n}D{--b\n}H text/plain{}C{one\n}.D{\n}D{--b\n}"
            "H text/plain{}C{two}.D{\n}D{--b--\n}F{epi\n}");
}

TEST(MimeReader, EmptyPartsAndPartsOfNoLineAtAll) {
  EXPECT_EQ(walked(multipart("b") + "--b\n--b\n\n--b\n\n\n--b--"),
            "H multipart/mixed{}D{--b\n}H text/plain{}.D{--b\n}H text/plain{}.D{--b\n}"
            "H text/plain{}.D{\n}D{--b--}");
}

TEST(MimeReader, ADelimiterThatEndsTheMessageOpensNoPart) {
  EXPECT_EQ(walked(multipart("b") + "--b"), "H multipart/mixed{}D{--b}");
}

TEST(MimeReader, DelimitersMayHaveBlanksBehindThemAndNothingElse) {
  EXPECT_EQ(walked(multipart("b") + "--b \t\n\n--b x\n--bx\n-b\n--b-\n --b\n--b-- \n"),
            "H multipart/mixed{}D{--b \t\n}H text/plain{}C{--b x\n--bx\n-b\n--b-\n --b}.D{\n}"
            "D{--b-- \n}");
}

TEST(MimeReader, BoundariesThatBeginAlikeAreToldApart) {
  EXPECT_EQ(
      walked(multipart("b") + "--b\n" + multipart("bb") + "--bb\n\nx\n--bb--\n--b\n\ny\n--b--\n"),
      "H multipart/mixed{}D{--b\n}H multipart/mixed{}D{--bb\n}H text/plain{}C{x}.D{\n}"
      "D{--bb--\n}D{--b\n}H text/plain{}C{y}.D{\n}D{--b--\n}");
  EXPECT_EQ(walked(multipart("b--") + "--b--\n\nx\n--b----\n"),
            "H multipart/mixed{}D{--b--\n}H text/plain{}C{x}.D{\n}D{--b----\n}");
}

TEST(MimeReader, AnOuterDelimiterEndsWhatWasNotClosed) {
  EXPECT_EQ(walked(multipart("o") + "--o\n" + multipart("i") + "--i\n\nx\n--o\n\n--i\ny\n--o--\n"),
            "H multipart/mixed{}D{--o\n}H multipart/mixed{}D{--i\n}H text/plain{}C{x}.D{\n}D{--o\n}"
            "H text/plain{}C{--i\ny}.D{\n}D{--o--\n}");
  EXPECT_EQ(walked(multipart("b") + "--b\n\nx\n"),
            "H multipart/mixed{}D{--b\n}H text/plain{}C{x\n}.");
}

TEST(MimeReader, AMultipartWithoutABoundaryIsAllPreamble) {
  EXPECT_EQ(walked("Content-Type: multipart/mixed\n\n--\n\nx\n"),
            "H multipart/mixed{}F{--\n\nx\n}");
}

TEST(MimeReader, EmbeddedMessagesAreWalkedInto) {
  EXPECT_EQ(walked(multipart("b", "digest") +
                   "--b\n\nSubject: x\n\ny\n--b\nContent-Type: message/rfc822\n\n" +
                   multipart("i") + "--i\n\nz\n--b--\n"),
            "H multipart/digest{}D{--b\n}H message/rfc822{}H text/plain{}C{y}.D{\n}D{--b\n}"
            "H message/rfc822{}H multipart/mixed{}D{--i\n}H text/plain{}C{z}.D{\n}D{--b--\n}");
}

TEST(MimeReader, ADelimiterEndsAHeaderToo) {
  EXPECT_EQ(walked(multipart("b") + "--b\nA: b\n--b\nContent-Type: message/rfc822\n--b--\n"),
            "H multipart/mixed{}D{--b\n}H text/plain{}.D{--b\n}H message/rfc822{}H text/plain{}."
            "D{--b--\n}");
}

TEST(MimeReader, BareLineEndsDelimitAsCrlfDoes) {
  EXPECT_EQ(walked("Content-Type: multipart/mixed; boundary=b\r\r--b\r\rx\r\r--b--\r"),
            "H multipart/mixed{}D{--b\r}H text/plain{}C{x\r}.D{\r}D{--b--\r}");
  EXPECT_EQ(walked(multipart("b") + "--b\r\nx\r\r\n--b--\r"),
            "H multipart/mixed{}D{--b\r\n}H text/plain{}C{x\r}.D{\r\n}D{--b--\r}");
}

TEST(MimeReader, ACarriageReturnInAHeaderOfLinesIsABlank) {
  EXPECT_EQ(walked("Content-Type: text/plain\rX: y\r\rZ: z\r\n\nbody"), "H text/plain{}C{body}.");
}

TEST(MimeReader, LongLinesAreNoDelimiters) {
  const std::string long_line = "--b" + std::string(200'000, ' ') + "\n";
  EXPECT_EQ(
      walked(multipart("b") + long_line + "--b--\n"),
      "H multipart/mixed{}F{" + long_line.substr(0, long_line.size() - 1) + "}D{\n}D{--b--\n}");
}

TEST(MimeReader, AnEndlessHeaderIsRefused) {
  EXPECT_THAT(walked("A: " + std::string(MimeReader::longest_header, 'x')),
              testing::StartsWith("refused: a header block is longer than 1048576 octets"));
  std::string fields;
  while (fields.size() <= MimeReader::longest_header) fields += "A: b\n";
  EXPECT_THAT(walked(fields), testing::StartsWith("refused: a header block is longer"));
}

TEST(MimeReader, NestingIsBounded) {
  std::string deep;
  for (std::size_t level = 0; level < MimeReader::deepest_nesting; ++level) {
    deep += multipart(std::to_string(level)) + "--" + std::to_string(level) + "\n";
  }
  EXPECT_THAT(walked(deep + "\nx"), testing::EndsWith("H text/plain{}C{x}."));
  EXPECT_EQ(walked(deep + multipart("x")),
            "refused: the message's parts are nested deeper than 100");
  std::string embedded;
  for (int level = 0; level < 5000; ++level) embedded += "Content-Type: message/rfc822\n\n";
  EXPECT_EQ(walked(embedded), "refused: the message's parts are nested deeper than 100");
}

TEST(MimeReader, TheNumberOfPartsIsBounded) {
  std::string many = multipart("b");
  for (std::size_t part = 0; part <= MimeReader::max_entities; ++part) many += "--b\n";
  EXPECT_EQ(walked(many), "refused: the message has more than 100000 parts");
}

TEST(MimeReader, IsTheSameWhereverTheBlocksAreCutAndLeavesNothingOut) {
  static constexpr std::string_view words[] = {
      "--b",
      "--bb",
      "--",
      "b",
      "--b--",
      "\r\n",
      "\r\n",
      "\r\n\r\n",
      " ",
      "\r\n",
      "A: x",
      "\xC3\xA4",
      ".",
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
      "Content-Type: multipart/signed; boundary=\"bb\"\r\n\r\n--bb\r\n",
      "Content-Type: message/rfc822\r\n\r\n"};
  std::mt19937 random(2046);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const std::size_t count = random() % 60;
    for (std::size_t word = 0; word < count; ++word) text += words[random() % std::size(words)];
    ASSERT_EQ(joined(CutSource(text)), text);
    const CutSource cut(text, [&random] { return 1 + random() % 7; });
    ASSERT_EQ(walked(cut), walked(text));
  }
}

}  // namespace
}  // namespace postern::smtp
