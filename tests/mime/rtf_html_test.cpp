// The HTML of true RTF (mapi-to-mime.md §4.4).
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "mime/rtf/body.h"

namespace postern::mime {
namespace {

using testing::HasSubstr;
using testing::Not;

FormattedRtf formatted(const std::string& body, std::vector<RtfAttachment> attachments = {}) {
  int pictures = 0;
  const RtfHtmlOptions options{.attachments = std::move(attachments),
                               .content_id = [&pictures](std::string_view /*octets*/) {
                                 return "p" + std::to_string(++pictures) + "@x";
                               }};
  auto result = formatted_rtf(
      "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss\\fcharset0 Arial;}"
      "{\\f1\\froman\\fcharset128{\\*\\panose 02020609}\\'83\\'81 {\\*\\falt Other}UI;}"
      "{\\f2 'a\"<&;}{\\f3\\fcharset2 Symbol;}{\\f4\\fcharset204 Calibri}}"
      "{\\colortbl;\\red255\\green0\\blue18;\\red0\\green128\\blue0;}\\pard " +
          body + "}",
      options);
  return result.value_or(FormattedRtf{"given up", {}, false, 0, 0});
}

/// What stands in the document's body.
std::string html_of(const std::string& body) {
  const auto html = formatted(body).html;
  const auto start = html.find("\r\n") + 2;
  const auto end = html.find("</body>");
  return start < end ? html.substr(start, end - start) : "";
}

std::string paragraph(const std::string& content) {
  return "<p style=\"margin:0\">" + content + "</p>\r\n";
}

TEST(RtfHtml, ParagraphsAndLines) {
  EXPECT_EQ(html_of("one\\par\\par two\\line three"),
            paragraph("one") + paragraph("&nbsp;") + paragraph("two<br>\r\nthree"));
}

TEST(RtfHtml, CharactersInTheirFormat) {
  EXPECT_EQ(html_of("a{\\b b\\i c}\\ul d\\ulnone\\strike e\\strike0\\super f\\sub g\\nosupersub h"),
            paragraph("a<b>b</b><b><i>c</i></b><u>d</u><s>e</s><sup>f</sup><sub>g</sub>h"));
  EXPECT_EQ(html_of("a\\b\\b0 b{\\b\\plain c}\\b1 d"), paragraph("abc<b>d</b>"));
}

TEST(RtfHtml, FormatsThatSayTheSameAreOneRun) {
  EXPECT_EQ(html_of("{\\b a}{\\b b}\\b c"), paragraph("<b>abc</b>"));
}

TEST(RtfHtml, FontsSizesAndColours) {
  EXPECT_THAT(formatted("a").html,
              HasSubstr("<body style=\"font-family:'Arial';font-size:12pt;\">"));
  EXPECT_EQ(html_of("a\\f1 b\\f0\\fs21 c\\fs24\\cf1 d\\cf0\\highlight2 e"),
            paragraph("a<span style=\"font-family:'メ UI';\">b</span>"
                      "<span style=\"font-size:10.5pt;\">c</span>"
                      "<span style=\"color:#FF0012;\">d</span>"
                      "<span style=\"background-color:#008000;\">e</span>"));
  EXPECT_EQ(html_of("a\\f4 \\'cf"), paragraph("a<span style=\"font-family:'Calibri';\">П</span>"));
}

TEST(RtfHtml, NumbersThatTheTablesHaveNot) {
  EXPECT_EQ(html_of("a\\cf99 b\\cf-1\\highlight77 c\\f999 d\\fs-5 e"),
            paragraph("abcd<span style=\"font-size:0.5pt;\">e</span>"));
}

TEST(RtfHtml, ParagraphFormat) {
  EXPECT_EQ(html_of("\\qc a\\par\\pard\\qr b\\par\\pard\\qj\\li720\\fi-360\\sa200 c\\par"
                    "\\pard\\rtlpar d\\par\\pard e"),
            "<p style=\"margin:0;text-align:center\">a</p>\r\n"
            "<p style=\"margin:0;text-align:right\">b</p>\r\n"
            "<p style=\"margin:0 0 10pt 36pt;text-indent:-18pt;text-align:justify\">c</p>\r\n"
            "<p dir=\"rtl\" style=\"margin:0\">d</p>\r\n" +
                paragraph("e"));
}

TEST(RtfHtml, BlanksAndTabsStay) {
  EXPECT_EQ(html_of("  a   b\\tab c"), paragraph("&nbsp; a &nbsp; b&nbsp;&nbsp;&nbsp; c"));
}

TEST(RtfHtml, CharactersOfWordsAndSymbols) {
  EXPECT_EQ(html_of("\\ldblquote a\\rdblquote\\~\\_\\emdash\\u8364?\\u-10179?\\u-8694?"),
            paragraph("&ldquo;a&rdquo;&nbsp;&#8209;&mdash;€😊"));
}

TEST(RtfHtml, BulletsComeFromListtextAndPntext) {
  EXPECT_EQ(html_of("{\\listtext\\f3\\'b7\\tab}one\\par{\\pntext 2.\\tab}two"),
            paragraph("&bull;&nbsp;&nbsp;&nbsp; one") + paragraph("2.&nbsp;&nbsp;&nbsp; two"));
}

TEST(RtfHtml, EverythingIsEscaped) {
  EXPECT_EQ(html_of("<script>\\'22\\'26 \\u60?\\f2 x"),
            paragraph("&lt;script&gt;&quot;&amp; &lt;<span style=\"font-family:'a';\">x</span>"));
  const auto html = formatted("\\objattph", {{"<b>\"", ""}}).html;
  EXPECT_THAT(html, HasSubstr("&lt;&lt;&lt;b&gt;&quot;&gt;&gt;"));
  EXPECT_THAT(formatted("\\objattph", {{"a\"b", "cid:\"x"}}).html,
              HasSubstr("<img src=\"cid:&quot;x\" alt=\"a&quot;b\">"));
}

std::string link(const std::string& url) {
  return "{\\field{\\*\\fldinst{HYPERLINK \"" + url + "\"}}{\\fldrslt a{\\b b}}}c";
}

TEST(RtfHtml, HyperlinksOfSafeSchemesAreLinks) {
  EXPECT_EQ(html_of(link("https://a.example/?x=1&y=<2>")),
            paragraph("<a href=\"https://a.example/?x=1&amp;y=&lt;2&gt;\">a<b>b</b></a>c"));
  for (const auto* scheme : {"http://x", "HTTPS://x", "mailto:a@b", "ftp://x", "file:///x"}) {
    EXPECT_THAT(html_of(link(scheme)), HasSubstr(std::string("href=\"") + scheme)) << scheme;
  }
  for (const auto* url :
       {"javascript:alert(1)", "data:text/html,x", " javascript:x", "vbscript:x",
        "java\\'0ascript:x", "http\\'0d\\'0a://x", "www.a.example", "//a.example"}) {
    EXPECT_EQ(html_of(link(url)), paragraph("a<b>b</b>c")) << url;
    EXPECT_EQ(formatted(link(url)).links_lost, 1U) << url;
  }
}

TEST(RtfHtml, PlacesWithinALinkedPageAreKept) {
  EXPECT_THAT(
      html_of("{\\field{\\*\\fldinst HYPERLINK \"http://a/\" \\\\l \"there\"}{\\fldrslt a}}"),
      HasSubstr("href=\"http://a/#there\""));
  EXPECT_EQ(html_of("{\\field{\\*\\fldinst HYPERLINK \\\\l \"there\"}{\\fldrslt a}}"),
            paragraph("a"));
}

TEST(RtfHtml, LinksOverParagraphsAndWithinLinksAreClosed) {
  EXPECT_EQ(html_of("{\\field{\\*\\fldinst HYPERLINK \"http://a\"}{\\fldrslt b\\par c}}d"),
            paragraph("<a href=\"http://a\">b</a>") + paragraph("<a href=\"http://a\">c</a>d"));
  EXPECT_EQ(
      html_of("{\\field{\\*\\fldinst HYPERLINK \"http://a\"}{\\fldrslt b{\\field{\\*\\fldinst "
              "HYPERLINK \"http://c\"}{\\fldrslt d}}e}}"),
      paragraph("<a href=\"http://a\">b</a><a href=\"http://c\">d</a>"
                "<a href=\"http://a\">e</a>"));
}

std::string table(const std::string& border, const std::string& rows) {
  return "<table border=\"" + border + "\" cellspacing=\"0\" cellpadding=\"3\">\r\n" + rows +
         "</table>\r\n";
}

TEST(RtfHtml, TablesAreRowsOfCells) {
  EXPECT_EQ(html_of("a\\par\\trowd\\cellx100\\cellx200\\intbl b\\cell c\\par d\\cell\\row"
                    "\\trowd\\intbl\\cell e\\cell\\row\\pard f"),
            paragraph("a") +
                table("0", "<tr><td>" + paragraph("b") + "</td><td>" + paragraph("c") +
                               paragraph("d") + "</td></tr>\r\n<tr><td>&nbsp;</td><td>" +
                               paragraph("e") + "</td></tr>\r\n") +
                paragraph("f"));
}

TEST(RtfHtml, TablesHaveTheLinesThatTheirCellsHave) {
  const auto html_with = [](const std::string& border) {
    return html_of("\\trowd\\clbrdrt\\brdrw10" + border +
                   "\\cellx9\\pard\\intbl a\\cell\\row\\pard");
  };
  EXPECT_EQ(html_with("\\brdrs"), table("1", "<tr><td>" + paragraph("a") + "</td></tr>\r\n"));
  EXPECT_EQ(html_with("\\brdrtbl"), table("0", "<tr><td>" + paragraph("a") + "</td></tr>\r\n"));
}

TEST(RtfHtml, TablesStandInCellsOfTables) {
  EXPECT_EQ(html_of("\\intbl\\itap2 a\\nestcell{\\*\\nesttableprops\\trowd\\nestrow}"
                    "{\\nonesttables\\par}\\pard\\intbl b\\cell\\row\\pard c"),
            table("0", "<tr><td>" + table("0", "<tr><td>" + paragraph("a") + "</td></tr>\r\n") +
                           paragraph("b") + "</td></tr>\r\n") +
                paragraph("c"));
}

TEST(RtfHtml, CellsWithoutTheirTableAreATableToo) {
  EXPECT_EQ(html_of("a\\cell\\row\\row b"),
            table("0", "<tr><td>" + paragraph("a") + "</td></tr>\r\n") + paragraph("b"));
}

TEST(RtfHtml, PicturesArePartsThatTheHtmlShows) {
  const auto result = formatted(
      "{\\*\\shppict{\\pict{\\*\\picprop{\\sp{\\sn a}{\\sv beef}}}\\picwgoal300\\pichgoal150"
      "\\picscalex200\\picscaley100\\pngblip 8950 4e47\n0d0A1a0a 01}}{\\nonshppict{\\pict 01}}");
  EXPECT_THAT(result.html, HasSubstr("<img src=\"cid:p1@x\" width=\"40\" height=\"10\" alt=\"\">"));
  ASSERT_EQ(result.pictures.size(), 1U);
  EXPECT_EQ(result.pictures[0].media_type, "image/png");
  EXPECT_EQ(result.pictures[0].octets, "\x89PNG\r\n\x1A\n\x01");
  EXPECT_EQ(result.pictures_lost, 0U);
}

TEST(RtfHtml, PicturesMayBeBinaryAndInDrawings) {
  const auto result = formatted(
      "{\\pict\\jpegblip\\bin7 \xFF\xD8\xFF{}\\x}b{\\shp{\\*\\shpinst{\\sp{\\sn pib}{\\sv "
      "{\\pict\\pngblip 89504e470d0a1a0a}}}}{\\shprslt{\\pict\\wmetafile8 01}}}");
  ASSERT_EQ(result.pictures.size(), 2U);
  EXPECT_EQ(result.pictures[0].octets, "\xFF\xD8\xFF{}\\x");
  EXPECT_EQ(result.pictures[1].media_type, "image/png");
  EXPECT_THAT(result.html, HasSubstr("b<img src=\"cid:p2@x\""));
}

TEST(RtfHtml, OtherPicturesAreCounted) {
  const auto result = formatted(
      "{\\pict\\wmetafile8 010009}{\\pict\\emfblip\\bin2 ab}{\\pict}"
      "{\\v{\\pict\\pngblip 89504e470d0a1a0a}}a");
  EXPECT_TRUE(result.pictures.empty());
  EXPECT_EQ(result.pictures_lost, 2U);
}

TEST(RtfHtml, ImpossiblePictureSizesAreBounded) {
  const std::string start = "\\pngblip 89504e470d0a1a0a}";
  EXPECT_THAT(
      formatted("{\\pict\\picwgoal2147483647\\picscalex2147483647\\pichgoal-5" + start).html,
      HasSubstr("width=\"10000\" alt"));
  EXPECT_THAT(formatted("{\\pict\\bin2147483647 ab").html, Not(HasSubstr("img")));
}

TEST(RtfHtml, SomethingShowsOrNothing) {
  EXPECT_TRUE(formatted("\\par\\tab ~").shows_something);
  EXPECT_FALSE(formatted("\\par\\tab\\~{\\v x}").shows_something);
  EXPECT_TRUE(formatted("{\\pict\\pngblip 89504e470d0a1a0a}").shows_something);
}

TEST(RtfHtml, HtmlOutOfProportionIsGivenUp) {
  std::string body =
      "{\\field{\\*\\fldinst HYPERLINK \"http://a/" + std::string(1900, 'x') + "\"}{\\fldrslt ";
  for (int i = 0; i < 100'000; ++i) body += "a\\par ";
  EXPECT_TRUE(formatted(body + "}}").html == "given up");
}

TEST(RtfHtml, WhateverIsCutOffIsClosed) {
  const std::string rtf =
      "{\\field{\\*\\fldinst HYPERLINK \"http://a\"}{\\fldrslt\\b x}}\\intbl\\itap3 a\\nestcell"
      "{\\pict\\pngblip 89504e470d0a1a0a}\\u-10179?\\par\\cell\\row}}}}\\par\\nestrow";
  for (std::size_t size = 0; size <= rtf.size(); ++size) {
    const auto html = formatted(rtf.substr(0, size)).html;
    EXPECT_TRUE(is_utf8(html)) << size;
    for (const std::string element : {"a", "b", "p", "td", "tr", "table"}) {
      const auto count = [&html](const std::string& tag) {
        std::size_t found = 0;
        for (auto at = html.find(tag); at != std::string::npos; at = html.find(tag, at + 1))
          ++found;
        return found;
      };
      EXPECT_EQ(count('<' + element + ' ') + count('<' + element + '>'),
                count("</" + element + '>'))
          << size << ": " << html;
    }
  }
}

}  // namespace
}  // namespace postern::mime
