// True RTF as readable text (mapi-to-mime.md §4.4).
#include <string>

#include <gtest/gtest.h>

#include "mime/rtf/body.h"

namespace postern::mime {
namespace {

std::string text_of(const std::string& body) {
  return text_from_rtf(
      "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fcharset0 Calibri;}"
      "{\\f3\\fcharset2 Symbol;}{\\f4\\fcharset204 Arial;}}{\\stylesheet{\\s0 Normal;}}"
      "{\\*\\generator Riched20}\\pard " +
      body + "}");
}

TEST(RtfText, ParagraphsAndLinesEndWithCrlf) {
  EXPECT_EQ(text_of("\\b one\\b0\\par two\\line three\\par"), "one\r\ntwo\r\nthree\r\n");
}

TEST(RtfText, TablesAreCellsBetweenTabsAndRowsOnLines) {
  EXPECT_EQ(text_of("\\trowd\\intbl a\\cell b\\cell\\row\\intbl \\cell c\\cell\\row end"),
            "a\tb\r\n\tc\r\nend");
}

TEST(RtfText, NestedTablesAreRowsToo) {
  EXPECT_EQ(text_of("x\\nestcell y\\nestcell{\\*\\nesttableprops\\trowd\\nestrow}"
                    "{\\nonesttables\\par}z\\cell\\row"),
            "x\ty\r\nz\r\n");
}

TEST(RtfText, BulletsComeFromListtextAndPntext) {
  EXPECT_EQ(text_of("{\\listtext\\f3\\'b7\\tab}one\\par{\\pntext 2.\\tab}{\\*\\pn\\pnlvlbody"
                    "{\\pntxta .}}two\\par{\\listtext\\f3 \\u-3913?\\tab}three\\par"),
            "*\tone\r\n2.\ttwo\r\n*\tthree\r\n");
}

TEST(RtfText, HyperlinkShowsItsTargetWhereTheTextIsAnother) {
  EXPECT_EQ(text_of("{\\field{\\*\\fldinst{HYPERLINK \"http://a.example/x\"}}"
                    "{\\fldrslt{\\ul here}}} now"),
            "here <http://a.example/x> now");
  EXPECT_EQ(text_of("{\\field{\\*\\fldinst{HYPERLINK \"mailto:a@b.example\"}}"
                    "{\\fldrslt a@b.example}}"),
            "a@b.example");
  EXPECT_EQ(text_of("{\\field{\\*\\fldinst HYPERLINK http://a.example/ }{\\fldrslt a.example}}"),
            "a.example");
}

TEST(RtfText, HyperlinkSwitchesAreNotItsTarget) {
  EXPECT_EQ(text_of("{\\field{\\*\\fldinst HYPERLINK \\\\o \"a tip\" \\\\t \"_blank\" \"http://u\"}"
                    "{\\fldrslt x}}"),
            "x <http://u>");
  EXPECT_EQ(text_of("{\\field{\\*\\fldinst HYPERLINK \\\\l \"mark\"}{\\fldrslt x}}"), "x");
}

TEST(RtfText, OtherFieldsShowTheirResult) {
  EXPECT_EQ(text_of("page {\\field{\\*\\fldinst PAGE}{\\fldrslt 3}}"), "page 3");
  EXPECT_EQ(text_of("{\\field{\\*\\fldinst DATE}}."), ".");
}

TEST(RtfText, NestedFieldsEachKeepTheirTarget) {
  EXPECT_EQ(text_of("{\\field{\\*\\fldinst HYPERLINK \"u1\"}{\\fldrslt a "
                    "{\\field{\\*\\fldinst HYPERLINK \"u2\"}{\\fldrslt b}}}}"),
            "a b <u2> <u1>");
}

TEST(RtfText, NothingOfTablesPicturesAndPropertiesIsShown) {
  EXPECT_EQ(
      text_of("a{\\pict\\wmetafile8 0102abcd}{\\*\\shppict{\\pict\\pngblip 89}}"
              "{\\nonshppict{\\pict 89}}{\\info{\\author me}}{\\xe index}{\\*\\bkmkstart m}b"),
      "ab");
}

TEST(RtfText, ObjectsShowTheirResult) {
  EXPECT_EQ(text_of("a{\\object\\objemb{\\*\\objdata 0105}{\\result seen}}b"), "aseenb");
  EXPECT_EQ(text_of("a{\\object\\objattph\\objw1}b \\objattph c"), "ab c");
}

TEST(RtfText, UnicodeFormOfAPairIsShownOnce) {
  EXPECT_EQ(text_of("{\\upr{?}{\\*\\ud{\\u8364 ?}}}"), "€");
  EXPECT_EQ(text_of("{\\info{\\upr{\\title ?}{\\*\\ud{\\title x}}}}"), "");
}

TEST(RtfText, TextBoxesAreShownWithoutTheirProperties) {
  EXPECT_EQ(text_of("{\\shp{\\*\\shpinst{\\sp{\\sn a}{\\sv 1}}{\\shptxt box}}{\\shprslt old}}"),
            "box");
}

TEST(RtfText, HiddenTextIsNotShown) {
  EXPECT_EQ(text_of("a{\\v hidden}b\\v hidden\\v0 c\\v hidden\\plain d"), "abcd");
}

TEST(RtfText, OctetsAreInThePageOfTheFont) {
  EXPECT_EQ(text_of("{\\f4 \\'cf\\'f0}\\'e9\\u8364\\'80\\_"), "Прé€\u2011");
}

TEST(RtfText, EscapedLineEndsAreLineEnds) {
  EXPECT_EQ(text_of("a\\'0d\\'0ab\\'0ac"), "a\r\nb\r\nc");
}

}  // namespace
}  // namespace postern::mime
