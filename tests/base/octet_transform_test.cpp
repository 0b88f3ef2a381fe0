#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/line_ends.h"
#include "base/percent_encoding.h"
#include "base/quoted_printable.h"
#include "tests/transformed.h"

namespace postern {
namespace {

using test::transformed;

using namespace std::string_literals;

std::string random_octets(std::uint32_t seed, std::size_t size) {
  std::mt19937 generator(seed);
  std::string octets;
  while (octets.size() < size) octets += static_cast<char>(generator() % 256);
  return octets;
}

std::string quoted_printable(std::string_view text) {
  return transformed<QuotedPrintable>(text);
}

std::string base64_lines(std::string_view octets) {
  return transformed<Base64Transform>(octets);
}

TEST(Base64, KnowsTheVectorsOfTheRfc) {
  EXPECT_EQ(base64(std::string_view("")), "");
  EXPECT_EQ(base64(std::string_view("f")), "Zg==");
  EXPECT_EQ(base64(std::string_view("fo")), "Zm8=");
  EXPECT_EQ(base64(std::string_view("foo")), "Zm9v");
  EXPECT_EQ(base64(std::string_view("foob")), "Zm9vYg==");
  EXPECT_EQ(base64(std::string_view("foobar")), "Zm9vYmFy");
}

TEST(Base64, FastAndPlainEncodersAgreeOnEveryOctet) {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    const std::size_t lines = 1 + seed;
    const auto octets = random_octets(seed, lines * base64_octets_per_line);
    const auto* begin = reinterpret_cast<const std::byte*>(octets.data());
    std::string plain(lines * base64_line_size, '?');
    std::string fast = plain;
    encode_base64_lines_plain(begin, lines, plain.data());
    base64_line_encoder()(begin, lines, fast.data());
    ASSERT_EQ(plain, fast) << "seed " << seed;
  }
}

TEST(Base64, SizeIsKnownBeforehand) {
  for (std::size_t size = 0; size < 400; ++size) {
    EXPECT_EQ(transformed<Base64Transform>(std::string(size, 'x')).size(), base64_size(size));
  }
  EXPECT_EQ(base64_size(std::uint64_t{1} << 40U), 1504594859066U);
}

TEST(Base64, DoesNotDependOnHowTheOctetsCome) {
  const auto octets = random_octets(7, 1000);
  const auto whole = transformed<Base64Transform>(octets);
  for (const std::size_t block : {1U, 2U, 56U, 57U, 58U, 999U}) {
    EXPECT_EQ(transformed<Base64Transform>(octets, block), whole) << block;
  }
}

TEST(Base64, GivesLinesOfSeventySixCharactersEachEnded) {
  EXPECT_EQ(base64_lines(""), "");
  EXPECT_EQ(base64_lines("\0"s), "AA==\r\n");
  EXPECT_EQ(base64_lines("\xFF\xFE\xFD"), "//79\r\n");
  EXPECT_EQ(base64_lines(std::string(57, '\0')), std::string(76, 'A') + "\r\n");
  EXPECT_EQ(base64_lines(std::string(59, '\0')), std::string(76, 'A') + "\r\nAAA=\r\n");
}

TEST(LineEnds, AllFormsBecomeCrlfAndTheLastLineIsEnded) {
  EXPECT_EQ(with_crlf(""), "");
  EXPECT_EQ(with_crlf("a\nb\rc\r\nd"), "a\r\nb\r\nc\r\nd\r\n");
  EXPECT_EQ(with_crlf("\n\r\r\n\n"), "\r\n\r\n\r\n\r\n");
  EXPECT_EQ(with_crlf("ended\r\n"), "ended\r\n");
  EXPECT_EQ(with_crlf("ended\r"), "ended\r\n");
}

TEST(LineEnds, DoNotDependOnHowTheOctetsCome) {
  const std::string text = "a\r\nb\n\nc\r\rd\r\n\r\n";
  for (const std::size_t block : {1U, 2U, 3U}) {
    EXPECT_EQ(transformed<LineEnds>(text, block), with_crlf(text)) << block;
  }
}

TEST(QuotedPrintable, EncodesWhatTheRfcSays) {
  EXPECT_EQ(transformed<QuotedPrintable>("a=b \r\nc\t\r\nz\xC3\xA9 \x7F\r\n"),
            "a=3Db=20\r\nc=09\r\nz=C3=A9 =7F\r\n");
  EXPECT_EQ(transformed<QuotedPrintable>("end "), "end=20");
  EXPECT_EQ(transformed<QuotedPrintable>("bare\rcr\nlf"), "bare=0Dcr=0Alf");
}

TEST(QuotedPrintable, ProtectsFromAndADotAtALinesBeginning) {
  EXPECT_EQ(transformed<QuotedPrintable>("From here\r\n.\r\n..\r\n.x\r\nFromage\r\n"),
            "=46rom here\r\n=2E\r\n=2E.\r\n=2Ex\r\nFromage\r\n");
  const auto wrapped = transformed<QuotedPrintable>(std::string(75, 'x') + "From here");
  EXPECT_EQ(wrapped, std::string(75, 'x') + "=\r\n=46rom here");
}

TEST(QuotedPrintable, QuotesWhatIsNotPrintableAndTheEqualsSign) {
  EXPECT_EQ(quoted_printable("a=b \xC3\xA4\x7F\0\tc"s), "a=3Db =C3=A4=7F=00\tc");
}

TEST(QuotedPrintable, QuotesTheLastBlankOfALine) {
  EXPECT_EQ(quoted_printable("a  \r\n\tb\t\r\n \r\n"), "a =20\r\n\tb=09\r\n=20\r\n");
  EXPECT_EQ(quoted_printable("a "), "a=20");
}

TEST(QuotedPrintable, LineEndsStay) {
  EXPECT_EQ(quoted_printable("\r\n\r\na\r\n"), "\r\n\r\na\r\n");
}

TEST(QuotedPrintable, NoLineBeginsWithADotOrTwoHyphens) {
  EXPECT_EQ(quoted_printable(".\r\n..\r\n--b\r\n-- \r\n- a\r\n"),
            "=2E\r\n=2E.\r\n-=2Db\r\n-=2D=20\r\n- a\r\n");
}

TEST(QuotedPrintable, ASoftLineBreakMakesNoDelimiter) {
  const std::string encoded = quoted_printable(std::string(75, 'x') + "--b");
  EXPECT_EQ(encoded, std::string(75, 'x') + "=\r\n-=2Db");
}

TEST(QuotedPrintable, LinesHaveSeventySixCharactersAtMost) {
  const auto xs = [](std::size_t count) { return std::string(count, 'x'); };
  EXPECT_EQ(quoted_printable(xs(76)), xs(76));
  EXPECT_EQ(quoted_printable(xs(77)), xs(75) + "=\r\nxx");
  EXPECT_EQ(quoted_printable(xs(73) + "\xE4"), xs(73) + "=E4");
  EXPECT_EQ(quoted_printable(xs(73) + "\xE4x"), xs(73) + "=\r\n=E4x");
}

TEST(QuotedPrintable, GivesTheSameOctetsWhereverTheBlocksAreCut) {
  std::mt19937 random(6);
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> units;  // a CRLF is never cut
    const std::size_t count = random() % 200;
    for (std::size_t unit = 0; unit < count; ++unit) {
      constexpr std::string_view octets = "ab-- \t.=\xE4";
      const std::size_t pick = random() % (octets.size() + 1);
      units.push_back(pick == octets.size() ? "\r\n" : std::string(1, octets[pick]));
    }
    QuotedPrintable encoder;
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

TEST(PercentEncoding, DecodesWhatIsEncodedAndLeavesTheRest) {
  EXPECT_EQ(percent_decoded("a%20b%c3%A9%"), "a b\xC3\xA9%");
  EXPECT_EQ(percent_decoded("%4g%+1%-1%"), "%4g%+1%-1%");
  EXPECT_TRUE(is_percent_encoded("100%25"));
  for (const auto* text : {"%", "%4", "%4g", "a%zz"})
    EXPECT_FALSE(is_percent_encoded(text)) << text;
}

}  // namespace
}  // namespace postern
