#include <string>

#include <gtest/gtest.h>

#include "mime/html/html.h"

namespace postern::mime {
namespace {

TEST(TextFromHtml, WhiteSpaceCollapsesAcrossTags) {
  EXPECT_EQ(text_from_html("  a \r\n\t b<b> c </b> d<i>e</i>"), "a b c de\r\n");
}

TEST(TextFromHtml, ParagraphsAreSetApartAndDivisionsAreLines) {
  EXPECT_EQ(text_from_html("<p>a</p><p>b</p><div>c</div><div>d</div>e"),
            "a\r\n\r\nb\r\n\r\nc\r\nd\r\ne\r\n");
  EXPECT_EQ(text_from_html("<h1>a</h1>b"), "a\r\n\r\nb\r\n");
  EXPECT_EQ(text_from_html("<div><div><div>a</div></div></div><div><p>b"), "a\r\n\r\nb\r\n");
}

TEST(TextFromHtml, BreaksCountOneByOne) {
  EXPECT_EQ(text_from_html("a<br>b<br/><br>c"), "a\r\nb\r\n\r\nc\r\n");
  EXPECT_EQ(text_from_html("<div>a</div><div><br></div><div>b</div>"), "a\r\n\r\nb\r\n");
  EXPECT_EQ(text_from_html("<p>a<br></p><p>b"), "a\r\n\r\nb\r\n");
}

TEST(TextFromHtml, BreaksAtBothEndsVanish) {
  EXPECT_EQ(text_from_html("<br><p> <br>a<br><br></p>&nbsp;<br>"), "a\r\n");
}

TEST(TextFromHtml, NothingVisibleIsEmpty) {
  EXPECT_EQ(text_from_html(""), "");
  EXPECT_EQ(text_from_html("<html><body> <p></p></body></html>"), "");
}

TEST(TextFromHtml, ListsHaveMarksAndNestedOnesAreIndented) {
  EXPECT_EQ(text_from_html("x<ul><li>a</li><li><p>b</p><li>c<ul><li>d</ul></ul>y"),
            "x\r\n\r\n* a\r\n* b\r\n\r\n* c\r\n  * d\r\n\r\ny\r\n");
  EXPECT_EQ(text_from_html("<ol><li>a<li>b</ol>"), "1. a\r\n2. b\r\n");
  EXPECT_EQ(text_from_html("<li>stray"), "* stray\r\n");
}

TEST(TextFromHtml, EmptyListItemsLeaveNoMarkBehind) {
  EXPECT_EQ(text_from_html("<ul><li></li></ul><p>x"), "x\r\n");
}

TEST(TextFromHtml, LinksShowTheirTargetWhereTheTextIsAnother) {
  EXPECT_EQ(text_from_html("<a href=\"http://h/?a&amp;b\">here</a>, ok"),
            "here <http://h/?a&b>, ok\r\n");
  EXPECT_EQ(text_from_html("<a href='http://h.example/'>h.example</a>"), "h.example\r\n");
  EXPECT_EQ(text_from_html("<a href='mailto:a@b.c'>A@b.c</a>"), "A@b.c\r\n");
  EXPECT_EQ(text_from_html("<a href='#top'>up</a> <a name=x>anchor</a> "
                           "<a href='javascript:go()'>go</a>"),
            "up anchor go\r\n");
  EXPECT_EQ(text_from_html("<a href=http://h/x><img src=cid:1 alt=Logo></a>"),
            "Logo <http://h/x>\r\n");
  EXPECT_EQ(text_from_html("a <a href=http://h/x><img src=cid:1></a> b"), "a <http://h/x> b\r\n");
}

TEST(TextFromHtml, UnclosedLinkEndsWithTheNextOrTheText) {
  EXPECT_EQ(text_from_html("<a href=u1>x<a href=u2>y"), "x <u1>y <u2>\r\n");
}

TEST(TextFromHtml, LineEndsInATargetAreDropped) {
  EXPECT_EQ(text_from_html("<a href='http://h/\r\nx&#10;y'>here</a>"), "here <http://h/xy>\r\n");
}

TEST(TextFromHtml, BlockInALinkKeepsTheTargetOnItsLine) {
  EXPECT_EQ(text_from_html("<a href=http://h/><div>here</div></a><div>b"),
            "here <http://h/>\r\nb\r\n");
}

TEST(TextFromHtml, TablesAreRowsOfCells) {
  EXPECT_EQ(text_from_html("<table><tr><th>a</th><th>b</th></tr>\r\n<tr><td>c<td>d</table>e"),
            "a\tb\r\nc\td\r\ne\r\n");
  EXPECT_EQ(text_from_html("<table><tr><td><p>a</p></td><td><p>b</p></td></tr>"
                           "<tr><td><p>c</p></td><td><div>d</div></td></tr></table>"),
            "a\tb\r\nc\td\r\n");
}

TEST(TextFromHtml, CellBehindATallOneBeginsALineOfItsOwn) {
  EXPECT_EQ(text_from_html("<table><tr><td>a<br>b</td><td>c</td></tr></table>"), "a\r\nb\r\nc\r\n");
}

TEST(TextFromHtml, EmptyCellsDoNotJoinTheRowToTheTextBefore) {
  EXPECT_EQ(text_from_html("x<table><tr><td></td><td>a</td><td></td><td>b</td></tr></table>"),
            "x\r\na\tb\r\n");
}

TEST(TextFromHtml, NestedTablesKeepTheirOwnRows) {
  EXPECT_EQ(text_from_html("<table><tr><td><table><tr><td>a</td><td>b</td></tr>"
                           "<tr><td>c</td></tr></table></td><td>d</td></tr></table>"),
            "a\tb\r\nc\r\nd\r\n");
}

TEST(TextFromHtml, PreformattedTextIsKept) {
  EXPECT_EQ(text_from_html("x<pre>\r\n  a\r\n\r\n    b &lt;</pre>y"),
            "x\r\n\r\n  a\r\n\r\n    b <\r\n\r\ny\r\n");
}

TEST(TextFromHtml, WhatIsNotTextVanishes) {
  EXPECT_EQ(text_from_html("<head><title>t</title><style>p{}</style><script>if(a<b)</script>"
                           "</head><!-- c --><![if x]>a<![endif]><?xml x?><!DOCTYPE html>b"),
            "ab\r\n");
  EXPECT_EQ(text_from_html("<style><!-- </p> --></STYLE >a"), "a\r\n");
}

TEST(TextFromHtml, MarkupThatIsNoneIsText) {
  EXPECT_EQ(text_from_html("a < b, 1<2, <3"), "a < b, 1<2, <3\r\n");
  EXPECT_EQ(text_from_html("a<b x='>'>c"), "ac\r\n");
  EXPECT_EQ(text_from_html("a<!-->b<!--->c"), "abc\r\n");
}

TEST(TextFromHtml, WhatTheEndCutsOffIsDropped) {
  EXPECT_EQ(text_from_html("a<p class=\"x"), "a\r\n");
  EXPECT_EQ(text_from_html("a<!-- b"), "a\r\n");
  EXPECT_EQ(text_from_html("a<"), "a<\r\n");
  EXPECT_EQ(text_from_html("a<style>b"), "a\r\n");
}

TEST(TextFromHtml, NonBreakingBlanksStayButNotAtTheEndOfALine) {
  EXPECT_EQ(text_from_html("a&nbsp;&nbsp;b&nbsp;<br>c"), "a\u00A0\u00A0b\r\nc\r\n");
}

TEST(TextFromHtml, PicturesShowTheirAlternativeTextButNoContentId) {
  EXPECT_EQ(text_from_html("a<img src=cid:1 alt=' &lt;3 '>b<img src=x alt=cid:1@x>"), "a <3 b\r\n");
}

TEST(TextFromHtml, RulesAreLines) {
  EXPECT_EQ(text_from_html("a<hr>b"), "a\r\n----------------------------------------\r\nb\r\n");
}

TEST(TextFromHtml, ControlCharactersAreBlanks) {
  EXPECT_EQ(text_from_html(std::string("a\0b&#1;c", 8)), "a b c\r\n");
}

}  // namespace
}  // namespace postern::mime
