#include "mime/attachment/content_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "tests/losses.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

class ContentIdsTest : public testing::Test {
 protected:
  mapi::Attachment& attach(std::string_view name, std::string_view id = {},
                           std::string_view octets = "octets") {
    message_.attachments.push_back(
        mapi::make_attachment(name, mapi::Content::from_text(octets), "image/png"));
    if (!id.empty()) message_.attachments.back().set(mapi::PR_ATTACH_CONTENT_ID, std::string(id));
    return message_.attachments.back();
  }

  ContentIds ids(std::string_view html) { return content_ids(message_, html, "mail.example.com"); }

  mapi::Message message_ = simple_message();
};

TEST_F(ContentIdsTest, ALegalIdIsKeptAndAReferenceToItUntouched) {
  attach("a.png", "image001.png@01D57867.0F");
  const std::string html =
      "<P>x<IMG  src='cid:image001.png@01D57867.0F'><img src=CID:image001.png%4001D57867.0F >";
  const auto found = ids(html);
  EXPECT_EQ(found.html, html);
  EXPECT_EQ(found.uses[0].content_id, "image001.png@01D57867.0F");
  EXPECT_TRUE(found.uses[0].is_inline);
  EXPECT_THAT(sentences(found.losses), IsEmpty());
}

TEST_F(ContentIdsTest, WhatWritersPutAroundIdsAndReferencesDoesNotCount) {
  using namespace std::string_view_literals;
  for (const auto stored : {"<a@b.c>"sv, " <a@b.c> "sv, "cid:a@b.c"sv, "CID: <a@b.c>"sv,
                            "a@b.c\0\0"sv, "A@B.c"sv, "a@b.c\r\n"sv}) {
    message_.attachments.clear();
    attach("x.png", stored);
    for (const auto reference : {"cid:a@b.c", "cid:A%40b.c", " cid:a@b.c ", "cid:%3Ca@b.c%3E",
                                 "cid:&lt;a&#64;b.c&gt;", "cid:a@\r\nb.c"}) {
      const auto html = "<img src=\"" + std::string(reference) + "\">";
      const auto found = ids(html);
      EXPECT_TRUE(found.uses[0].is_inline) << stored << reference;
      EXPECT_THAT(sentences(found.losses), IsEmpty());
    }
  }
}

TEST_F(ContentIdsTest, AnIllegalIdIsReplacedByOneThatTheHtmlRefersTo) {
  for (const std::string stored :
       {"Größe 1.png", "logo", "a b@c", "x@", "@x", "a..b@c", "a@b@c", "<>", "a@b\xFF"}) {
    message_.attachments.clear();
    attach("other.png", stored);
    std::string url = "cid:" + stored;
    const auto found = ids("<p><img alt=\"Größe 1.png\" src=\"" + url + "\">&nbsp;</p>");
    if (stored == "<>") continue;  // no id
    const auto& id = found.uses[0].content_id;
    EXPECT_THAT(id, MatchesRegex("part1\\.[0-9a-f]{32}@mail\\.example\\.com")) << stored;
    EXPECT_EQ(found.html, "<p><img alt=\"Größe 1.png\" src=\"cid:" + id + "\">&nbsp;</p>");
  }
}

TEST_F(ContentIdsTest, ReferencesAreComparedPercentDecodedAndWithoutCaseBeyondAscii) {
  attach("x.png", "GRÖSSE 1.png");
  attach("y.png", "f\xC3\xBCr@x");
  const auto found = ids("<img src='cid:Gr%C3%B6%C3%9Fe%201.png'><img src='cid:f%FCr@x'>");
  EXPECT_TRUE(found.uses[0].is_inline);
  EXPECT_TRUE(found.uses[1].is_inline);
}

TEST_F(ContentIdsTest, AnIdWithPercentSignsMayBeStoredAsItIsReferredTo) {
  attach("x.png", "a%20b@x");
  const auto found = ids("<img src='cid:a%20b@x'>");
  EXPECT_EQ(found.uses[0].content_id, "a%20b@x");
  EXPECT_EQ(found.html, "<img src='cid:a%2520b@x'>");
}

TEST_F(ContentIdsTest, AnIdOfOver200CharactersIsReplaced) {
  const auto longest = std::string(198, 'a') + "@b";
  attach("x.png", longest);
  attach("y.png", 'a' + longest);
  const auto found = ids("<img src='cid:" + longest + "'><img src='cid:a" + longest + "'>");
  EXPECT_EQ(found.uses[0].content_id, longest);
  EXPECT_LT(found.uses[1].content_id.size(), 200U);
  EXPECT_TRUE(found.uses[1].is_inline);
}

TEST_F(ContentIdsTest, OfTwoWithOneIdTheFirstIsMeantAndTheOtherHasNone) {
  attach("logo.png", "same@x");
  attach("contract.pdf", "<SAME@x>");
  const auto found = ids("<img src='cid:same@x'>");
  EXPECT_EQ(found.uses[0].content_id, "same@x");
  EXPECT_FALSE(found.uses[1].is_inline);
  EXPECT_EQ(found.uses[1].content_id, "");
}

TEST_F(ContentIdsTest, TheIdsOfOtherPartsAreTheirsAlone) {
  attach("logo.png", "body@x");
  const std::string html = "<a href='cid:body%40x'><img src='logo.png'>";
  const auto found = content_ids(message_, html, "mail.example.com", {"body@x"});
  EXPECT_THAT(found.uses[0].content_id, HasSubstr("part1."));
  EXPECT_EQ(found.html, "<a href='cid:body%40x'><img src='cid:" + found.uses[0].content_id + "'>");
  message_.set(mapi::PR_BODY_CONTENT_ID, "<body@x>");
  set_html(message_, html);
  const auto mail = parsed(composed(message_));
  EXPECT_EQ(mail["parts"][0]["cid"], "<body@x>");
  EXPECT_EQ(mail["parts"][1]["cid"], '<' + found.uses[0].content_id + '>');
}

TEST_F(ContentIdsTest, APartThatNothingRefersToKeepsALegalId) {
  attach("a.png", "<a@x>");
  attach("b.png", "no id");
  const auto found = ids("<p>");
  EXPECT_EQ(found.uses[0].content_id, "a@x");
  EXPECT_EQ(found.uses[1].content_id, "");
  EXPECT_FALSE(found.uses[0].is_inline);
  EXPECT_EQ(ids("").uses[0].content_id, "a@x");
}

TEST_F(ContentIdsTest, PicturesFoundByLocationOrNameGetAnIdToo) {
  attach("a.png").set(mapi::PR_ATTACH_CONTENT_LOCATION, "http://example.com/A.png");
  attach("Bär 2.png", "<b@x>");
  attach("c.png");
  const auto found =
      ids("<img src=\"http://example.com/A.png\"><td background='b%C3%A4r%202.png'>"
          "<a href=\"c.png\">c.png</a><img src='d/c.png'>");
  EXPECT_THAT(found.html,
              "<img src=\"cid:" + found.uses[0].content_id +
                  "\"><td background='cid:b@x'><a href=\"c.png\">c.png</a><img src='d/c.png'>");
  EXPECT_THAT(found.uses[0].content_id, HasSubstr("part1."));
  EXPECT_FALSE(found.uses[2].is_inline);
}

TEST_F(ContentIdsTest, LocationsAreComparedPercentDecoded) {
  attach("x.png").set(mapi::PR_ATTACH_CONTENT_LOCATION, "pictures/a b.png");
  attach("y.png").set(mapi::PR_ATTACH_CONTENT_LOCATION, "pictures/c%20d.png");
  const auto found = ids("<img src='pictures/a%20b.png'><img src='pictures/c d.png'>");
  EXPECT_TRUE(found.uses[0].is_inline);
  EXPECT_TRUE(found.uses[1].is_inline);
}

TEST_F(ContentIdsTest, EveryPlaceOfAReferenceIsReadAndRewritten) {
  attach("1.png", "one");
  const std::string before =
      "<style>a{background:url( 'cid:one' )} b{x:URL(cid:one)}</style>"
      "<td style=\"background-image: url(&quot;cid:one&quot;)\" title='a&amp;b'>"
      "<img srcset=\"cid:one 1x,cid:one 2x, x.png 3x\"><video poster=cid:one></video>"
      "<object data='cid:one'></object><a href=\"cid:one\">cid:one</a>"
      "<!--[if gte vml 1]><v:imagedata src=\"cid:one\" o:title=\"\"/><![endif]-->"
      "<!-- cid:one --><img src=\"CID:o&#110;e\">";
  const auto found = ids(before);
  auto expected = before;
  const auto wanted = "cid:" + found.uses[0].content_id;
  const auto replace = [&](std::string_view old, const std::string& other) {
    for (auto at = expected.find(old); at != std::string::npos;
         at = expected.find(old, at + other.size())) {
      expected.replace(at, old.size(), other);
    }
  };
  replace("CID:o&#110;e", wanted);
  replace("cid:one", wanted);
  replace(">" + wanted + "</a>", ">cid:one</a>");
  replace("<!-- " + wanted, "<!-- cid:one");
  EXPECT_EQ(found.html, expected);
}

TEST_F(ContentIdsTest, AReferenceToNothingMeansNothing) {
  attach("a.png", "a@x");
  const auto found =
      ids("<link rel=File-List href=\"cid:filelist.xml@x\"><img src='cid:b@x'><img src=cid:c@x>");
  EXPECT_EQ(found.html,
            "<link rel=File-List href=\"about:invalid\"><img src='about:invalid'>"
            "<img src=about:invalid>");
  EXPECT_THAT(sentences(found.losses), ElementsAre(HasSubstr("'cid:b@x' and 1 more")));
}

TEST_F(ContentIdsTest, AnIdThatWasLostIsGuessedFromTheFileName) {
  attach("image001.png");
  attach("image002.png", "other@x");
  const auto found = ids("<img src='cid:image001.png@01D5'><img src='cid:image002.png@01D5'>");
  EXPECT_TRUE(found.uses[0].is_inline);
  EXPECT_FALSE(found.uses[1].is_inline);
  EXPECT_THAT(sentences(found.losses),
              ElementsAre(HasSubstr("taken for"), HasSubstr("not attached")));
}

TEST_F(ContentIdsTest, AnAttachedMessageMayBeLinkedToButIsNeverInline) {
  message_.attachments.push_back(mapi::make_attachment(simple_message()));
  message_.attachments.back().set(mapi::PR_ATTACH_CONTENT_ID, "m@x");
  set_html(message_, "<a href='cid:m@x'>x</a>");
  const auto mail = parsed(composed(message_));
  EXPECT_EQ(mail["type"], "multipart/mixed");
  EXPECT_EQ(mail["parts"][1]["type"], "message/rfc822");
  EXPECT_EQ(mail["parts"][1]["cid"], "<m@x>");
}

TEST_F(ContentIdsTest, NewIdsAreTheSameEachTimeAndFitAnyDomain) {
  attach("a.png", "x");
  EXPECT_EQ(ids("<img src=cid:x>").html, ids("<img src=cid:x>").html);
  EXPECT_NE(ids("<img src=cid:x>").html, ids("<p><img src=cid:x>").html.substr(3));
  EXPECT_THAT(content_ids(message_, "<img src=cid:x>", "no domain").uses[0].content_id,
              HasSubstr("@localhost"));
}

TEST_F(ContentIdsTest, AHostileIdChangesNothingAroundIt) {
  attach("a.png", "'\"><script>{}&)@x");
  const auto found = ids("<img src=\"cid:'&quot;><script>{}&amp;)@x\" alt=1>");
  EXPECT_THAT(found.html, MatchesRegex("<img src=\"cid:[a-z0-9.@]*\" alt=1>"));
  message_.attachments.clear();
  attach("b.png", "it's_{&}@x");  // legal, but special in HTML
  EXPECT_EQ(ids("<img src='cid:IT&#39;S_{&amp;}@x'>").html, "<img src='cid:it%27s_%7B%26%7D@x'>");
}

TEST_F(ContentIdsTest, TheMessageShowsJustTheParts) {
  attach("logo.png", "same@x", "first");
  attach("contract.pdf", "same@x", "second");
  attach("Größe.png", "Größe 1.png", "third");
  set_html(message_, "<meta charset=utf-8>é<img src=\"cid:same@x\"><img src=\"cid:Größe 1.png\">");
  const auto mail = parsed(composed(message_));
  const auto& related = mail["parts"][0];
  ASSERT_EQ(related["parts"].size(), 3U);
  EXPECT_EQ(related["parts"][1]["cid"], "<same@x>");
  EXPECT_EQ(content(related["parts"][1]), "first");
  const auto id = related["parts"][2]["cid"].get<std::string>();
  EXPECT_THAT(content(related["parts"][0]["parts"][1]),
              HasSubstr("src=\"cid:" + id.substr(1, id.size() - 2) + "\""));
  EXPECT_EQ(content(related["parts"][2]), "third");
  EXPECT_EQ(content(mail["parts"][1]), "second");
  EXPECT_EQ(mail["parts"][1]["disposition"], "attachment");
  EXPECT_FALSE(has_header(mail["parts"][1], "Content-ID"));
}

TEST_F(ContentIdsTest, VeryManyReferencesAreNotAllRewritten) {
  attach("a", "a");
  std::string html;
  for (int i = 0; i < 100'001; ++i) html += "<a href=cid:a>";
  const auto found = ids(html);
  EXPECT_THAT(sentences(found.losses), ElementsAre(HasSubstr("more than 100000")));
  EXPECT_THAT(found.html.substr(found.html.size() - 14), "<a href=cid:a>");
}

}  // namespace
}  // namespace postern::mime
