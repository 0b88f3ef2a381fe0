#include "mime/html/html.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mime/html/entities.h"
#include "mime/html/references.h"

namespace postern::mime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MetaCharset, IsFoundInBothForms) {
  EXPECT_EQ(meta_charset("<html><head><meta charset=\"utf-8\">"), "utf-8");
  EXPECT_EQ(meta_charset("<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; "
                         "CHARSET=iso-2022-jp\">"),
            "iso-2022-jp");
  EXPECT_EQ(meta_charset("<meta content='text/html; charset = koi8-r ; x=y' http-equiv=a/>"),
            "koi8-r");
  EXPECT_EQ(meta_charset("<meta charset=us-ascii>"), "us-ascii");
}

TEST(Html, LinesStandBehindAllThatItShows) {
  const std::string lines = "a<b\r\nc\r\n";
  const std::string paragraph = "<p>a&lt;b<br>\r\nc</p>";
  EXPECT_EQ(with_lines("<BODY>x</BODY></HTML>", lines), "<BODY>x" + paragraph + "</BODY></HTML>");
  EXPECT_EQ(with_lines("<html>x</html>", lines), "<html>x" + paragraph + "</html>");
  EXPECT_EQ(with_lines("x", lines), "x" + paragraph);
}

TEST(MetaCharset, IsNotFoundWhereThereIsNone) {
  EXPECT_EQ(meta_charset("<meta name=generator content=x><p>charset=utf-8"), std::nullopt);
  EXPECT_EQ(meta_charset("<meta charset=\"\">"), std::nullopt);
  EXPECT_EQ(meta_charset("<!-- <meta charset=utf-8> --><style><meta charset=utf-8></style>"),
            std::nullopt);
  EXPECT_EQ(meta_charset("<meta charset=utf-8"), std::nullopt);
  EXPECT_EQ(meta_charset(""), std::nullopt);
}

TEST(MetaCharset, IsLookedForInTheFirst4KibibytesOnly) {
  EXPECT_EQ(meta_charset(std::string(4096, ' ') + "<meta charset=utf-8>"), std::nullopt);
  EXPECT_EQ(meta_charset(std::string(4000, ' ') + "<meta charset=utf-8>"), "utf-8");
}

TEST(MetaCharset, IsReplacedAndNothingElseChanges) {
  EXPECT_EQ(with_meta_charset("<p><META charset='x'><b>x</b>", "utf-8"),
            "<p><META charset='utf-8'><b>x</b>");
  EXPECT_EQ(with_meta_charset("<meta http-equiv=Content-Type content=\"text/html; "
                              "charset=us-ascii\">\r\n<p>us-ascii",
                              "windows-1252"),
            "<meta http-equiv=Content-Type content=\"text/html; charset=windows-1252\">\r\n"
            "<p>us-ascii");
  EXPECT_EQ(with_meta_charset("<p>no meta", "utf-8"), "<p>no meta");
  EXPECT_EQ(with_meta_charset("", "utf-8"), "");
}

TEST(MetaCharset, ContradictingDeclarationsAllBecomeTheNewOne) {
  EXPECT_EQ(with_meta_charset("<meta charset=a><meta content='text/html;charset=b'>", "utf-8"),
            "<meta charset=utf-8><meta content='text/html;charset=utf-8'>");
}

std::vector<std::string> references(std::string_view html) {
  std::vector<std::string> urls;
  const auto same = with_references(html, [&](const HtmlReference& reference) {
    urls.push_back(reference.url);
    return std::nullopt;
  });
  EXPECT_EQ(same, html);
  return urls;
}

TEST(HtmlReferences, AreTheValuesOfSrcBackgroundAndHref) {
  EXPECT_THAT(references("<IMG SRC=\"cid:a@b\"><body background='bg.png'><a href = x.htm >"
                         "<img alt=src src=\" cid:c \"><p title='src=no'>src=\"no\""),
              ElementsAre("cid:a@b", "bg.png", "x.htm", "cid:c"));
}

TEST(HtmlReferences, HaveTheirEntitiesDecoded) {
  EXPECT_THAT(references("<img src='http://h/?a=1&amp;b=2&copy=3'>"),
              ElementsAre("http://h/?a=1&b=2&copy=3"));
}

TEST(HtmlReferences, OfStyleSheetsAndStyleAttributesCount) {
  EXPECT_THAT(references("<style>a{background:url( 'cid:1' )} b{x:URL(cid:2)}</style>"
                         "<td style=\"background-image:url(&quot;cid:3&quot;)\">url(no)"),
              ElementsAre("cid:1", "cid:2", "cid:3"));
}

TEST(HtmlReferences, OfConditionalCommentsCountAndOfOrdinaryOnesDoNot) {
  EXPECT_THAT(references("<!--[if gte vml 1]><v:imagedata src=\"cid:vml\"/><![endif]-->"
                         "<!-- <img src=no> --><![if !vml]><img src=\"cid:img\"><![endif]>"),
              ElementsAre("cid:vml", "cid:img"));
}

TEST(HtmlReferences, OfWhatIsCutOffAreLeftOut) {
  EXPECT_THAT(references("<img src=\"cid:a"), IsEmpty());
  EXPECT_THAT(references("<style>url(cid:a"), IsEmpty());
  EXPECT_THAT(references("<img src=''><a href>"), IsEmpty());
}

TEST(HtmlReferences, OfImageCandidatesAreTheUrls) {
  EXPECT_THAT(
      references("<img srcset=' a.png, b.png 2x ,c.png 100w,cid:d 1x,cid:e'>"
                 "<img srcset='data:image/png;base64,AAAA 1x'><img srcset=', ,'>"),
      ElementsAre("a.png", "b.png", "c.png", "cid:d", "cid:e", "data:image/png;base64,AAAA"));
}

TEST(HtmlReferences, AreReplacedAndNothingElseChanges) {
  const auto replaced = [](std::string_view html) {
    return with_references(html, [](const HtmlReference& reference) {
      return reference.url == "a" ? std::optional<std::string>("new") : std::nullopt;
    });
  };
  EXPECT_EQ(replaced("<img\tsrc =  a\nalt=a><IMG SRC=' a '>a<img src=b><a/href=\"a\">"),
            "<img\tsrc =  new\nalt=a><IMG SRC=' new '>a<img src=b><a/href=\"new\">");
  EXPECT_EQ(replaced("<p style='x:url( \"a\" );y:url(a)url(b)'>"),
            "<p style='x:url( \"new\" );y:url(new)url(b)'>");
  EXPECT_EQ(replaced("<p style='x:url(&quot;a&quot;) \"&amp;\"'><p style=x:url(a)&#32;y&#61;>"),
            "<p style='x:url(&quot;new&quot;) &quot;&amp;&quot;'>"
            "<p style=x:url(new)&#32;y&#61;>");
  EXPECT_EQ(replaced("<p style='x:url(&quot;b&quot;) \"&amp;\"'>"),
            "<p style='x:url(&quot;b&quot;) \"&amp;\"'>");
  EXPECT_EQ(replaced(""), "");
}

TEST(HtmlEntities, NamedOnesOfHtml4AreDecoded) {
  EXPECT_EQ(
      decode_entities("&lt;&gt;&amp;&quot;&apos;&eacute;&euro;&hellip;&Omega;&thetasym;&loz;"),
      "<>&\"'é€…Ωϑ◊");
  EXPECT_EQ(decode_entities("&Eacute;&nbsp;&zwnj;"), "É\u00A0\u200C");
}

TEST(HtmlEntities, NumericOnesAreDecodedInBothBases) {
  EXPECT_EQ(decode_entities("&#233;&#xE9;&#Xe9;&#128522;&#65"), "ééé😊A");
}

TEST(HtmlEntities, NumbersOfC1MeanWindows1252) {
  EXPECT_EQ(decode_entities("&#128;&#150;&#x92;"), "€–’");
}

TEST(HtmlEntities, ImpossibleNumbersAreReplaced) {
  EXPECT_EQ(decode_entities("&#0;&#xD800;&#x110000;&#99999999999999999999;"),
            "\uFFFD\uFFFD\uFFFD\uFFFD");
}

TEST(HtmlEntities, UnknownAndBrokenOnesStayAsTheyAre) {
  EXPECT_EQ(decode_entities("a & b &; &#; &#x; &nosuch; &"), "a & b &; &#; &#x; &nosuch; &");
}

TEST(HtmlEntities, Latin1NamesNeedNoSemicolon) {
  EXPECT_EQ(decode_entities("&nbsp&copy 2020 &euro x"), "\u00A0© 2020 &euro x");
  EXPECT_EQ(decode_entities("?a&copy=1&lt=2&amp;x", HtmlContext::attribute), "?a&copy=1&lt=2&x");
}

}  // namespace
}  // namespace postern::mime
