#include "mapi/code_page.h"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace postern::mapi {
namespace {

using namespace std::string_literals;

struct Sample {
  int code_page;
  std::string octets;
  std::string text;
};

void PrintTo(const Sample& sample, std::ostream* out) {
  *out << "code page " << sample.code_page;
}

class CodePageSample : public testing::TestWithParam<Sample> {};

TEST_P(CodePageSample, DecodesAndIsEncodedBack) {
  const auto& [page, octets, text] = GetParam();
  const auto decoded = decode(octets, page);
  EXPECT_EQ(decoded.text, text);
  EXPECT_TRUE(decoded.clean);
  EXPECT_EQ(encode(text, page), octets);
}

INSTANTIATE_TEST_SUITE_P(
    All, CodePageSample,
    testing::Values(Sample{1252, "caf\xE9 \x80", "café €"}, Sample{1251, "\xCF\xF0\xE8", "При"},
                    Sample{1250, "\x9Aluv", "šluv"}, Sample{1253, "\xE1\xE2", "αβ"},
                    Sample{1255, "\xF9\xEC", "של"}, Sample{874, "\xA1", "ก"},
                    Sample{850, "\x84", "ä"}, Sample{932, "\x93\xFA\x96\x7B\x83\x52", "日本コ"},
                    Sample{932, "\\~", "\\~"}, Sample{936, "\xC4\xE3\xBA\xC3", "你好"},
                    Sample{950, "\xA4\xA4\xA4\xE5", "中文"}, Sample{949, "\xC7\xD1", "한"},
                    Sample{51949, "\xC7\xD1", "한"}, Sample{51932, "\xC6\xFC", "日"},
                    Sample{54936, "\x94\x39\xDA\x33", "💩"},
                    Sample{50220, "\x1B$BF|K\\\x1B(B.", "日本."}, Sample{52936, "~{VP~}a", "中a"},
                    Sample{20866, "\xF0\xD2\xC9", "При"}, Sample{28591, "\xE9", "é"},
                    Sample{28605, "\xA4", "€"}, Sample{10000, "\xDB", "€"},
                    Sample{437, "\x84", "ä"}, Sample{65001, "日本 💩", "日本 💩"},
                    Sample{65000, "+ZeU-", "日"}, Sample{1200, "a\0\x3D\xD8\xA9\xDC"s, "a💩"},
                    Sample{1201, "\0a\xD8\x3D\xDC\xA9"s, "a💩"}, Sample{20127, "plain", "plain"}));

TEST(CodePage, EveryPageOfTheTableDecodesAndIsNamedConsistently) {
  for (int page = 1; page <= 65001; ++page) {
    if (!is_known_code_page(page)) continue;
    SCOPED_TRACE(page);
    const bool is_utf16 = page == 1200 || page == 1201;
    EXPECT_EQ(decode(page == 1200 ? "A\0"s : page == 1201 ? "\0A"s : "A"s, page).text, "A");
    const auto name = charset_name(page);
    EXPECT_TRUE(!is_utf16 || name.empty());
    EXPECT_EQ(charset_name(code_page_of(name).value_or(0)), name);
  }
}

TEST(CodePage, C1OctetsUndefinedInWindowsPagesStayTheSameCodePoint) {
  for (const int page : {1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 874}) {
    for (int octet = 0x80; octet <= 0x9F; ++octet) {
      const auto decoded = decode(std::string(1, static_cast<char>(octet)), page);
      EXPECT_TRUE(decoded.clean) << page << ' ' << octet;
      EXPECT_NE(decoded.text, "\uFFFD") << page << ' ' << octet;
    }
  }
  EXPECT_EQ(decode("\x81|\x9D", 1252).text, "\u0081|\u009D");
  EXPECT_EQ(decode("\x98", 1251).text, "\u0098");
}

TEST(CodePage, OtherUndefinedOctetsBecomeReplacementCharactersOneEach) {
  const auto decoded = decode(
      "a\xD9"
      "b\xFC\xFFz",
      1255);
  EXPECT_EQ(decoded.text, "a\uFFFDb\uFFFD\uFFFDz");
  EXPECT_FALSE(decoded.clean);
  EXPECT_EQ(decode("a\x80z", 20127).text, "a\uFFFDz");
}

TEST(CodePage, UndecodableLeadOctetDoesNotSwallowTheAsciiBehindIt) {
  const auto decoded = decode("\xFF<b>\xFE</b>", 932);
  EXPECT_EQ(decoded.text, "\uFFFD<b>\uFFFD</b>");
  EXPECT_FALSE(decoded.clean);
}

TEST(CodePage, TruncatedCharacterAtTheEndIsOneReplacementCharacter) {
  for (const auto& [page, octets] : {std::pair{932, "a\x93"s},
                                     {936, "a\xC4"s},
                                     {949, "a\xC7"s},
                                     {950, "a\xA4"s},
                                     {54936, "a\x94\x39\xDA"s},
                                     {65001, "a\xE6\x97"s},
                                     {50220, "a\x1B$BF"s},
                                     {1200, "a\0b"s}}) {
    const auto decoded = decode(octets, page);
    EXPECT_EQ(decoded.text, "a\uFFFD") << page;
    EXPECT_FALSE(decoded.clean) << page;
  }
}

TEST(CodePage, Iso2022JpKeepsItsShiftStateBehindAnUndecodableOctet) {
  const auto decoded = decode("\x1B$BF|\xFFK\\\x1B(Ba", 50220);
  EXPECT_THAT(decoded.text, testing::StartsWith("日"));
  EXPECT_THAT(decoded.text, testing::EndsWith("本a"));
  EXPECT_FALSE(decoded.clean);
}

TEST(CodePage, Iso2022JpOfOutlookMayHoldNecSpecialsAndHalfWidthKatakana) {
  EXPECT_EQ(decode("\x1B$B-!\x1B(I1\x1B(B", 50221).text, "①ｱ");
  EXPECT_EQ(decode("\x1B$B-!", 50220).text, "①");
}

TEST(CodePage, UnpairedSurrogateInUtf16BecomesAReplacementCharacter) {
  const auto decoded = decode(
      "\0\xD8"
      "b\0"s,
      1200);
  EXPECT_EQ(decoded.text, "\uFFFDb");
  EXPECT_FALSE(decoded.clean);
}

TEST(CodePage, SurrogatePairsAndDoubleOctetsSurviveEveryBlockBoundary) {
  for (std::size_t offset = 0; offset < 4; ++offset) {
    std::string octets(offset, 'a');
    std::string text(offset, 'a');
    for (int i = 0; i < 5000; ++i) {
      octets += "\x94\x39\xDA\x33\xC4\xE3";
      text += "💩你";
    }
    EXPECT_EQ(decode(octets, 54936).text, text);
    EXPECT_EQ(encode(text, 54936), octets);
  }
}

TEST(CodePage, EmptyTextIsEmptyInEveryDirection) {
  for (const int page : {1252, 932, 50220, 1200, 1361, 65001}) {
    EXPECT_EQ(decode("", page).text, "");
    EXPECT_TRUE(decode("", page).clean);
  }
  EXPECT_EQ(encode("", 1252), "");
  EXPECT_EQ(encode("", 50220), "");
}

TEST(CodePage, UnknownPageIsReadAsWindows1252) {
  EXPECT_FALSE(is_known_code_page(4711));
  EXPECT_EQ(decode("caf\xE9", 4711).text, "café");
  EXPECT_EQ(charset_name(4711), "");
}

TEST(CodePage, JohabIsDecodedAlthoughIcuLacksIt) {
  const auto decoded = decode("a\xD0\x65\x8B\x69\xFF", 1361);
  EXPECT_EQ(decoded.text, "a한글\uFFFD");
  EXPECT_FALSE(decoded.clean);
}

TEST(CodePage, TextThatAPageDoesNotHoldExactlyIsNotEncoded) {
  EXPECT_EQ(encode("日本", 1252), std::nullopt);
  EXPECT_EQ(encode("€", 28591), std::nullopt);
  EXPECT_EQ(encode("é", 20127), std::nullopt);
  EXPECT_EQ(encode("Ａ", 1252), std::nullopt) << "no best fit: full-width A is not A";
  EXPECT_EQ(encode("ｱ", 50220), std::nullopt) << "half-width katakana is no ISO-2022-JP";
  EXPECT_EQ(encode("x", 4711), std::nullopt);
}

TEST(CodePage, MalformedUtf8IsNeverEncoded) {
  EXPECT_EQ(encode("a\xFF", 1252), std::nullopt);
  EXPECT_EQ(encode("a\xE6\x97", 54936), std::nullopt);
  EXPECT_EQ(encode("a\xED\xA0\x80", 65001), std::nullopt);
}

TEST(CodePage, CharsetNamesAreFoundWithoutCaseAndByTheirAliases) {
  EXPECT_EQ(code_page_of("UTF-8"), 65001);
  EXPECT_EQ(code_page_of(" Windows-1252 "), 1252);
  EXPECT_EQ(code_page_of("latin1"), 28591);
  EXPECT_EQ(code_page_of("ISO_8859-2:1987"), 28592);
  EXPECT_EQ(code_page_of("x-sjis"), 932);
  EXPECT_EQ(code_page_of("MS_Kanji"), 932);
  EXPECT_EQ(code_page_of("csISO2022JP"), 50220);
  EXPECT_EQ(code_page_of("gb2312"), 936);
  EXPECT_EQ(code_page_of("GB_2312-80"), 936);
  EXPECT_EQ(code_page_of("euc-kr"), 51949);
  EXPECT_EQ(code_page_of("cp866"), 866);
  EXPECT_EQ(code_page_of("utf-7"), 65000);
  EXPECT_EQ(code_page_of("no-such-charset"), std::nullopt);
  EXPECT_EQ(code_page_of(""), std::nullopt);
  EXPECT_EQ(code_page_of("utf-8\0x"s), std::nullopt);
}

TEST(CodePage, PagesThatMayOnlyBeReadHaveNoCharsetName) {
  EXPECT_EQ(charset_name(1200), "");
  EXPECT_EQ(charset_name(1201), "");
  EXPECT_EQ(charset_name(65000), "");
}

TEST(CodePage, LocalesHaveTheirAnsiPage) {
  EXPECT_EQ(ansi_code_page(1049), 1251);
  EXPECT_EQ(ansi_code_page(1041), 932);
  EXPECT_EQ(ansi_code_page(1028), 950);
  EXPECT_EQ(ansi_code_page(1029), 1250);
  EXPECT_EQ(ansi_code_page(1054), 874);
  EXPECT_EQ(ansi_code_page(1033), 1252);
  for (const int arabic : {1025, 3073, 5121, 0x01}) EXPECT_EQ(ansi_code_page(arabic), 1256);
  EXPECT_EQ(ansi_code_page(0x0404), 950) << "Taiwan";
  EXPECT_EQ(ansi_code_page(0x0804), 936);
  EXPECT_EQ(ansi_code_page(0x20804), 936) << "with a sort order";
  EXPECT_EQ(ansi_code_page(0x041A), 1250) << "Croatian";
  EXPECT_EQ(ansi_code_page(0x0C1A), 1251) << "Serbian in Cyrillic letters";
  EXPECT_EQ(ansi_code_page(0x0429), 1256) << "Persian";
  for (const int none : {0, 0x400, 0x800, 0x7F}) EXPECT_EQ(ansi_code_page(none), std::nullopt);
}

TEST(CodePage, EveryOctetStringIsDecodedToWellFormedUtf8) {
  std::string octets;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; second += 3) {
      octets += static_cast<char>(first);
      octets += static_cast<char>(second);
    }
  }
  for (int page = 1; page <= 65001; ++page) {
    if (!is_known_code_page(page)) continue;
    EXPECT_TRUE(is_utf8(decode(octets, page).text)) << page;
  }
}

}  // namespace
}  // namespace postern::mapi
