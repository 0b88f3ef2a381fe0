#include <string>

#include <gtest/gtest.h>

#include "mime/rtf/body.h"

namespace postern::mime {
namespace {

using namespace std::string_literals;

const std::string fonts =
    "{\\fonttbl{\\f0\\fswiss\\fcharset0 Arial;}{\\f1\\fmodern Courier New;}"
    "{\\f2\\fnil\\fcharset2 Symbol;}{\\f4\\fswiss\\fcharset128 MS PGothic;}"
    "{\\f5\\fcharset204 Arial;}{\\f6\\cpg1253 Arial;}}";

std::string html(const std::string& body, const std::string& ansi = "\\ansicpg1252") {
  return html_from_rtf("{\\rtf1\\ansi" + ansi + "\\fromhtml1 \\deff0" + fonts +
                       "\\uc1\\pard\\plain\\f0 " + body + "}");
}
std::string text(const std::string& body, const std::string& ansi = "\\ansicpg1252") {
  return text_from_rtf("{\\rtf1\\ansi" + ansi + "\\fromtext \\deff0" + fonts +
                       "\\uc1\\pard\\plain\\f0 " + body + "}");
}

TEST(RtfKind, IsToldByOneOfTheFirstTenTokens) {
  EXPECT_EQ(rtf_kind("{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 x}"), RtfKind::encapsulated_html);
  EXPECT_EQ(rtf_kind("{\\rtf1\\ansi\\fromtext x}"), RtfKind::encapsulated_text);
  EXPECT_EQ(rtf_kind("{\\rtf1\\ansi x}"), RtfKind::rtf);
  EXPECT_EQ(rtf_kind("{\\rtf1\\a\\b\\c\\d\\e\\g\\h\\fromhtml1 x}"), RtfKind::encapsulated_html);
  EXPECT_EQ(rtf_kind("{\\rtf1\\a\\b\\c\\d\\e\\g\\h\\i\\fromhtml1 x}"), RtfKind::rtf);
}

TEST(RtfKind, CountsGroupStartsButNeitherTextNorSymbols) {
  EXPECT_EQ(rtf_kind("{\\rtf1 text \\~\\'41}}}\\a\\b\\c\\d\\e\\g\\h\\fromtext}"),
            RtfKind::encapsulated_text);
  EXPECT_EQ(rtf_kind("{\\rtf1{{{{{{{{\\fromtext}"), RtfKind::rtf);
}

TEST(RtfKind, OtherFormsOfFromhtmlDoNotCount) {
  EXPECT_EQ(rtf_kind("{\\rtf1\\fromhtml x}"), RtfKind::rtf);
  EXPECT_EQ(rtf_kind("{\\rtf1\\fromhtml0 x}"), RtfKind::rtf);
}

TEST(RtfKind, AnythingElseIsInvalid) {
  EXPECT_EQ(rtf_kind(""), RtfKind::invalid);
  EXPECT_EQ(rtf_kind("<html>"), RtfKind::invalid);
  EXPECT_EQ(rtf_kind(" {\\rtf1}"), RtfKind::invalid);
}

TEST(EncapsulatedHtml, TagsAndTextAreCopiedAndHtmlrtfIsSuppressed) {
  EXPECT_EQ(html("{\\*\\htmltag64 <p class=\"a\">}\\htmlrtf {\\b \\htmlrtf0 bold"
                 "\\htmlrtf }\\htmlrtf0 {\\*\\htmltag72 </p>}"),
            "<p class=\"a\">bold</p>");
}

TEST(EncapsulatedHtml, HtmlrtfEndsWithItsGroup) {
  EXPECT_EQ(html("a{\\htmlrtf hidden}b{\\htmlrtf1 hidden{\\htmlrtf0 seen}hidden}c"), "abseenc");
}

TEST(EncapsulatedHtml, StateIsKeptUpToDateWhileSuppressed) {
  EXPECT_EQ(html("\\htmlrtf\\f5\\uc2\\htmlrtf0 \\'d4\\u8364??."), "Ф€.");
}

TEST(EncapsulatedHtml, TagGroupsInsideSuppressedTextAreSuppressedToo) {
  EXPECT_EQ(html("\\htmlrtf{\\*\\htmltag <b>}\\htmlrtf0{\\*\\htmltag <i>}"), "<i>");
}

TEST(EncapsulatedHtml, MhtmltagAndOtherIgnorableGroupsAreSkipped) {
  EXPECT_EQ(html("a{\\*\\mhtmltag64 <a href=\"cid:x\">}{\\*\\unknown junk{\\b deeper}}"
                 "{\\*\\htmltag}{\\*\\htmltag64}b"),
            "ab");
}

TEST(EncapsulatedHtml, DestinationsWithoutTextAreSkipped) {
  EXPECT_EQ(html("a{\\colortbl;\\red0\\green0\\blue0;}{\\stylesheet{\\s0 Normal;}}"
                 "{\\info{\\title t}}{\\pict\\pngblip 89504e47}{\\header h}{\\footer f}"
                 "{\\generator g}{\\pntext 1.\\tab}{\\listtext 1.\\tab}{\\object\\objemb x}b"),
            "ab");
}

TEST(EncapsulatedHtml, BreaksTabsAndEscapesBecomeWhatTheyAre) {
  EXPECT_EQ(html("a\\par b\\line c\\tab d\\{e\\}\\\\"), "a\r\nb\r\nc\td{e}\\");
  EXPECT_EQ(html("{\\*\\htmltag <style>\\par p \\{\\}\\tab x}"), "<style>\r\np {}\tx");
  EXPECT_EQ(html("raw\r\nline\nends are nothing"), "rawlineends are nothing");
}

TEST(EncapsulatedHtml, CharacterWordsBecomeEntities) {
  EXPECT_EQ(html("\\lquote\\rquote\\ldblquote\\rdblquote\\bullet\\endash\\emdash\\~\\_"),
            "&lsquo;&rsquo;&ldquo;&rdquo;&bull;&ndash;&mdash;&nbsp;&shy;");
}

TEST(EncapsulatedHtml, TextIsInThePageOfTheFontAndTagsInTheDefaultPage) {
  EXPECT_EQ(html("\\f5\\'e6{\\*\\htmltag title=\\'e6}\\'e6"), "жtitle=æж");
  EXPECT_EQ(html("\\f6\\'e1\\f1\\'e9\\f99\\'e9"), "αéé");
}

TEST(EncapsulatedHtml, FontIsRestoredWithItsGroupAndByPlain) {
  EXPECT_EQ(html("{\\f5\\'e6}\\'e6\\f5\\'e6\\plain\\'e6"), "жæжæ");
}

TEST(EncapsulatedHtml, DoubleOctetCharacterMayBeHalfEscapedAndHalfPlain) {
  EXPECT_EQ(html("\\f4\\'93\\'fa\\'83R\\'83\\\\x"), "日コソx");
}

TEST(EncapsulatedHtml, DefaultPageComesFromAnsicpgOrThePlatform) {
  EXPECT_EQ(html("\\f1\\'e6", "\\ansicpg1251"), "ж");
  EXPECT_EQ(html("\\f1\\'e6", "\\mac"), "Ê");
  EXPECT_EQ(html("\\f1\\'84", "\\pc"), "ä");
  EXPECT_EQ(html("\\f1\\'84", "\\pca"), "ä");
  EXPECT_EQ(html("\\f1\\'e9", ""), "é");
  EXPECT_EQ(html("\\f1\\'e9", "\\ansicpg0"), "é");
  EXPECT_EQ(html("\\f1\\'e6", "\\ansicpg1251\\mac"), "ж") << "\\ansicpg is the stronger one";
}

TEST(EncapsulatedHtml, AnsiFontsAreWesternWhateverTheDefaultPage) {
  EXPECT_EQ(html("\\f0\\'e9\\f1\\'e9{\\*\\htmltag \\'e9}", "\\ansicpg1251"), "éйй");
  EXPECT_EQ(text("\\f0\\'e9\\f1\\'93\\'fa", "\\ansicpg932"), "é日");
}

TEST(EncapsulatedHtml, NothingOfDrawingsAndObjectsIsShown) {
  EXPECT_EQ(html("a{\\shp{\\*\\shpinst{\\sp{\\sn x}{\\sv 1}}{\\shptxt box}}{\\shprslt old}}"
                 "{\\object{\\*\\objdata 01}{\\result seen}}{\\*\\shppict{\\pict 89}}b"),
            "ab");
}

TEST(EncapsulatedHtml, Utf8AsDefaultPageIsDecodedAcrossEscapes) {
  EXPECT_EQ(html("\\f1\\'e6\\'97\\'a5{\\*\\htmltag \\'c3\\'a9}", "\\ansicpg65001"), "日é");
}

TEST(EncapsulatedHtml, PagesOf16BitUnitsCannotBeTheDefault) {
  EXPECT_EQ(html("\\'e9x", "\\ansicpg1200"), "éx");
}

TEST(RtfUnicode, ReplacementCharactersAreSkippedByUc) {
  EXPECT_EQ(text("\\u8364?x\\uc2\\u8364?\\'80x\\uc0\\u8364 x"), "€x€x€x");
  EXPECT_EQ(text("\\u8364\\~x\\u8364\\{x\\u8217\\rquote x"), "€x€x’x");
}

TEST(RtfUnicode, GroupEndAndLineEndStopTheSkip) {
  EXPECT_EQ(text("{\\uc5\\u8364}x{\\uc5\\u8364?\\par y}"), "€x€\r\ny");
}

TEST(RtfUnicode, NegativeNumbersAreUnitsAbove7fff) {
  EXPECT_EQ(text("\\u-10?"), "\uFFF6");
}

TEST(RtfUnicode, SurrogatePairsComeAsTwoWords) {
  EXPECT_EQ(text("\\u-10179 ?\\u-8694 ?"), "😊");
  EXPECT_EQ(text("\\u55357\\'20\\u56542 ?"), "📞");
  EXPECT_EQ(html("{\\*\\htmltag \\u-10179 ?\\u-8694 ?}"), "😊");
}

TEST(RtfUnicode, UnpairedSurrogatesAndImpossibleNumbersAreReplaced) {
  EXPECT_EQ(text("\\u-10179 ?x\\u-8694 ?y\\u-10179 ?\\u-10179 ?\\u-8694 ?\\u99999999?"),
            "\uFFFDx\uFFFDy\uFFFD😊\uFFFD");
  EXPECT_EQ(text("x\\u-10179 ?"), "x\uFFFD");
}

TEST(RtfUnicode, NulIsNothing) {
  EXPECT_EQ(text("a\\u0?b\0c"s), "abc");
}

TEST(RtfTokens, BinaryDataIsSkippedWhateverItHolds) {
  EXPECT_EQ(text("a{\\pict\\bin4 }}{{}b"), "ab");
  EXPECT_EQ(text("a\\bin3 \\'4b"), "ab");
  EXPECT_EQ(text("a\\bin999999999 rest"), "a");
  EXPECT_EQ(text("a\\bin-5 b"), "ab");
}

TEST(RtfTokens, WordTakesOneBlankAndKeepsTheSecond) {
  EXPECT_EQ(text("a\\b  b\\b0 c\\b1-d"), "a bc-d");
}

TEST(RtfTokens, BackslashBeforeALineEndIsAParagraph) {
  EXPECT_EQ(text("a\\\nb\\\rc"), "a\r\nb\r\nc");
}

TEST(RtfTokens, HugeNumbersAreHarmless) {
  EXPECT_EQ(text("a\\f99999999999999999999 b\\uc99999999999\\u8364 cdef"), "ab€");
}

TEST(RtfTokens, BrokenEscapesAreDropped) {
  EXPECT_EQ(text("a\\'zzb\\'4"), "azzb4");
}

TEST(EncapsulatedText, BytesAreInThePageOfTheFontEvenBehindHtmlrtf) {
  EXPECT_EQ(
      text("\\htmlrtf{\\f4\\htmlrtf0 \\'8f\\'88\\'97\\'9d\\'96@\\htmlrtf\\f0}\\htmlrtf0 \\par "),
      "処理法\r\n");
}

TEST(EncapsulatedText, CharacterWordsBecomeTheCharactersThemselves) {
  EXPECT_EQ(text("\\lquote\\rdblquote\\bullet\\emdash\\~\\_"), "‘”•—\u00A0\u00AD");
}

TEST(EncapsulatedText, HtmlTagsAreNotText) {
  EXPECT_EQ(text("a{\\*\\htmltag <b>}b"), "ab");
}

TEST(EncapsulatedText, BracesTooManyAndTooFewAreHarmless) {
  EXPECT_EQ(text("a}}}}b"), "ab");
  EXPECT_EQ(text("{{{{a"), "a");
}

TEST(EncapsulatedHtmlAsText, IsTheTextOfTheHtml) {
  EXPECT_EQ(text_from_rtf("{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag <p>}a{\\*\\htmltag <br>}b}"),
            "a\r\nb\r\n");
}

}  // namespace
}  // namespace postern::mime
