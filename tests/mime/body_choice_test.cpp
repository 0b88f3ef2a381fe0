// Which of several stored bodies is sent.
#include <algorithm>
#include <iterator>
#include <memory>
#include <set>

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

constexpr std::string_view encapsulated_html =
    "{\\rtf1\\ansi\\ansicpg1251\\fromhtml1 {\\*\\htmltag19 <html>}{\\*\\htmltag "
    "<meta charset=\"iso-8859-5\">}\\'cf\\'f0{\\*\\htmltag </html>}}";
constexpr std::string_view encapsulated_text =
    "{\\rtf1\\ansi\\ansicpg1252\\fromtext line one\\par line two}";
constexpr std::string_view true_rtf = "{\\rtf1\\ansi\\b bold\\b0\\par}";

mapi::Message bodiless_message() {
  auto message = simple_message();
  message.erase(mapi::PR_BODY);
  return message;
}

std::vector<std::string> sentences_of(const mapi::Message& message) {
  return sentences(compose(message, fixed_options()).losses);
}

TEST(BodyChoice, HtmlInsideRtfIsSentAsHtmlInACharsetThatIsTrue) {
  auto message = bodiless_message();
  set_rtf(message, encapsulated_html);
  const auto mail = parsed(composed(message));
  const auto& html = mail["parts"][1];
  EXPECT_EQ(html["charset"], "utf-8");
  EXPECT_EQ(content(html), "<html><meta charset=\"utf-8\">\xD0\x9F\xD1\x80</html>\r\n");
  EXPECT_EQ(content(mail["parts"][0]), "\xD0\x9F\xD1\x80\r\n");
  EXPECT_THAT(sentences_of(message), IsEmpty());
}

TEST(BodyChoice, TextInsideRtfIsSentAsText) {
  auto message = bodiless_message();
  set_rtf(message, encapsulated_text);
  EXPECT_EQ(content(parsed(composed(message))), "line one\r\nline two\r\n");
}

TEST(BodyChoice, TrueRtfIsSentAsTextAndHtml) {
  auto message = bodiless_message();
  set_rtf(message, true_rtf);
  const auto mail = parsed(composed(message));
  EXPECT_EQ(mail["type"], "multipart/alternative");
  EXPECT_EQ(content(mail["parts"][0]), "bold\r\n");
  EXPECT_THAT(content(mail["parts"][1]), HasSubstr("<b>bold</b>"));
  EXPECT_THAT(sentences_of(message), IsEmpty());
}

TEST(BodyChoice, TheTextBesideTrueRtfIsTheStoredOneIfItIsAsOld) {
  auto message = simple_message();
  set_rtf(message, true_rtf);
  EXPECT_EQ(content(parsed(composed(message))["parts"][0]), "Text\r\n");
  message.set(mapi::PR_BODY, std::string("\u00A0\r\n"));
  EXPECT_EQ(content(parsed(composed(message))["parts"][0]), "bold\r\n");
}

TEST(BodyChoice, AnOlderRtfGivesWayToTheTextAndSaysSo) {
  for (const auto rtf : {true_rtf, encapsulated_html, encapsulated_text}) {
    auto message = simple_message();
    set_rtf(message, rtf);
    message.set(mapi::PR_RTF_IN_SYNC, false);
    message.set(mapi::PR_NATIVE_BODY_INFO, 2);
    EXPECT_EQ(content(parsed(composed(message))), "Text\r\n") << rtf;
    EXPECT_THAT(sentences_of(message), ElementsAre(HasSubstr("older"))) << rtf;
    message.set(mapi::PR_BODY, std::string(" "));
    EXPECT_NE(composed(message).find("\r\n\r\n"), std::string::npos);
    EXPECT_THAT(sentences_of(message), IsEmpty()) << rtf;
  }
}

TEST(BodyChoice, AlternativesAreOfOneGeneration) {
  auto message = simple_message();
  set_rtf(message, true_rtf);
  set_html(message, "<p>html</p>");
  message.set(mapi::PR_RTF_IN_SYNC, false);
  EXPECT_EQ(content(parsed(composed(message))["parts"][1]), "<p>html</p>\r\n");
  message.set(mapi::PR_NATIVE_BODY_INFO, 2);
  const auto mail = parsed(composed(message));
  EXPECT_EQ(content(mail["parts"][0]), "bold\r\n");
  EXPECT_THAT(content(mail["parts"][1]), HasSubstr("<b>bold</b>"));
}

TEST(BodyChoice, HtmlThatSaysTheSameAsTrueRtfIsSentForIt) {
  auto message = bodiless_message();
  set_rtf(message, true_rtf);
  message.set(mapi::PR_RTF_IN_SYNC, true);
  set_html(message, "<p>&nbsp;<i>bold</i></p>");
  EXPECT_EQ(content(parsed(composed(message))["parts"][1]), "<p>&nbsp;<i>bold</i></p>\r\n");
  EXPECT_THAT(sentences_of(message), IsEmpty());
  set_html(message, "<p>an older text</p>");
  EXPECT_THAT(content(parsed(composed(message))["parts"][1]), HasSubstr("<b>bold</b>"));
  EXPECT_THAT(sentences_of(message), ElementsAre(HasSubstr("HTML body beside it")));
}

TEST(BodyChoice, BodiesOfWhichNothingShowsDoNotExist) {
  const std::vector<std::string> blank{
      std::string(1, '\0'),         " \r\n",
      "<html><body></body></html>", "<p>&nbsp;\u200B<br></p>",
      "<title>x</title><b> </b>",   "<style>p{}</style><div><a name=x></a></div>"};
  for (const auto& html : blank) {
    auto message = simple_message();
    set_html(message, html);
    message.set(mapi::PR_NATIVE_BODY_INFO, 3);
    EXPECT_EQ(content(parsed(composed(message))), "Text\r\n") << html;
  }
  for (const auto* html : {"<img src=\"http://a.example/x\">", "<a href=\"http://a.example/\"></a>",
                           "<td background=x></td>", "&#8364;"}) {
    auto message = simple_message();
    set_html(message, html);
    EXPECT_EQ(parsed(composed(message))["type"], "multipart/alternative") << html;
  }
  auto message = simple_message();
  set_rtf(message, "{\\rtf1\\ansi\\pard\\par}");
  EXPECT_EQ(content(parsed(composed(message))), "Text\r\n");
  EXPECT_THAT(sentences_of(message), IsEmpty());
}

TEST(BodyChoice, PicturesOfTrueRtfAreInlineParts) {
  auto message = bodiless_message();
  set_rtf(message,
          "{\\rtf1 a{\\pict\\pngblip 89504e470d0a1a0a01}{\\pict\\jpegblip\\bin4 \xFF\xD8\xFF\x01}"
          "{\\pict\\wmetafile8 0102}}");
  const auto mail = parsed(composed(message));
  EXPECT_EQ(mail["type"], "multipart/related");
  const auto html = content(mail["parts"][0]["parts"][1]);
  const std::vector<std::string> types{"image/png", "image/jpeg"};
  ASSERT_EQ(mail["parts"].size(), types.size() + 1);
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto& part = mail["parts"][i + 1];
    EXPECT_EQ(part["type"], types[i]);
    EXPECT_EQ(part["disposition"], "inline");
    const auto id = part["cid"].get<std::string>();
    EXPECT_THAT(html, HasSubstr("\"cid:" + id.substr(1, id.size() - 2) + '"'));
  }
  EXPECT_EQ(content(mail["parts"][1]), "\x89PNG\r\n\x1A\n\x01");
  EXPECT_EQ(content(mail["parts"][2]), "\xFF\xD8\xFF\x01");
  EXPECT_NE(mail["parts"][1]["cid"], mail["parts"][2]["cid"]);
  EXPECT_THAT(sentences_of(message), ElementsAre(HasSubstr("other than PNG and JPEG")));
}

TEST(BodyChoice, PicturesKeepTheirIdsAndShareThemWithNoOther) {
  auto inner = bodiless_message();
  set_rtf(inner, "{\\rtf1 {\\pict\\pngblip 89504e470d0a1a0a}}");
  auto message = inner;
  mapi::Attachment attachment;
  attachment.set(mapi::PR_ATTACH_METHOD, 5);
  attachment.embedded = std::make_shared<mapi::Message>(inner);
  message.attachments.push_back(std::move(attachment));
  const auto mail = composed(message);
  EXPECT_EQ(mail, composed(message));
  std::set<std::string> ids;
  constexpr std::string_view field = "\r\nContent-ID: ";
  for (auto at = mail.find(field); at != std::string::npos; at = mail.find(field, at + 1)) {
    ids.insert(mail.substr(at + field.size(), mail.find('\r', at + 1) - at - field.size()));
  }
  EXPECT_EQ(ids.size(), 2U);
}

void attach(mapi::Message& message, const char* name, int place) {
  mapi::Attachment attachment;
  attachment.set(mapi::PR_ATTACH_LONG_FILENAME, std::string(name));
  attachment.set(mapi::PR_RENDERING_POSITION, place);
  attachment.set(mapi::PR_ATTACH_METHOD, 1);
  attachment.data = mapi::Content::from_text("data");
  message.attachments.push_back(std::move(attachment));
}

TEST(BodyChoice, AttachmentsStandWhereTheRtfPlacesThem) {
  auto message = bodiless_message();
  set_rtf(message, "{\\rtf1 first \\objattph  second \\objattph  third \\objattph}");
  attach(message, "nowhere.txt", -1);
  attach(message, "late <b>.txt", 20);
  attach(message, "early one.png", 10);
  const auto mail = parsed(composed(message));
  ASSERT_EQ(mail["type"], "multipart/mixed");
  const auto& related = mail["parts"][0];
  ASSERT_EQ(related["type"], "multipart/related");
  const auto html = content(related["parts"][0]["parts"][1]);
  const auto picture = html.find("<img src=\"");
  EXPECT_LT(html.find("first"), picture);
  EXPECT_LT(picture, html.find("second"));
  EXPECT_THAT(html, HasSubstr("second &lt;&lt;late &lt;b&gt;.txt&gt;&gt;"));
  EXPECT_EQ(html.find("nowhere"), std::string::npos);
  EXPECT_EQ(related["parts"][1]["filename"], "early one.png");
  EXPECT_EQ(mail["parts"].size(), 3U);
}

TEST(BodyChoice, ShownAttachmentsAreInTheOrderOfTheirPlacesInTheRtf) {
  auto message = bodiless_message();
  set_rtf(message, "{\\rtf1 a\\objattph b\\objattph}");
  attach(message, "second.png", 20);
  attach(message, "first.png", 10);
  const auto mail = parsed(composed(message));
  EXPECT_EQ(mail["parts"][1]["filename"], "first.png");
  EXPECT_EQ(mail["parts"][2]["filename"], "second.png");
  const auto html = content(mail["parts"][0]["parts"][1]);
  EXPECT_LT(html.find("first.png"), html.find("second.png"));
}

TEST(BodyChoice, RtfWinsOverHtmlOnlyWhereItIsInSync) {
  auto message = bodiless_message();
  set_html(message, "<p>html</p>");
  set_rtf(message, encapsulated_text);
  EXPECT_EQ(parsed(composed(message))["type"], "multipart/alternative");
  message.set(mapi::PR_RTF_IN_SYNC, true);
  EXPECT_EQ(parsed(composed(message))["type"], "text/plain");
}

TEST(BodyChoice, StoredHtmlIsTheOriginalOfHtmlInsideRtf) {
  auto message = bodiless_message();
  set_html(message, "<p>stored</p>");
  set_rtf(message, encapsulated_html);
  message.set(mapi::PR_RTF_IN_SYNC, true);
  EXPECT_EQ(content(parsed(composed(message))["parts"][1]), "<p>stored</p>\r\n");
}

TEST(BodyChoice, TheNativeBodyWins) {
  auto message = simple_message();
  set_html(message, "<p>html</p>");
  set_rtf(message, encapsulated_text);
  message.set(mapi::PR_NATIVE_BODY_INFO, 1);
  EXPECT_EQ(content(parsed(composed(message))), "Text\r\n");
  message.set(mapi::PR_NATIVE_BODY_INFO, 3);
  EXPECT_EQ(content(parsed(composed(message))["parts"][1]), "<p>html</p>\r\n");
}

TEST(BodyChoice, CorruptRtfFallsBackAndSaysSo) {
  auto message = simple_message();
  message.set(mapi::PR_RTF_COMPRESSED, mapi::Binary(30, std::byte{1}));
  EXPECT_EQ(content(parsed(composed(message))), "Text\r\n");
  EXPECT_THAT(sentences_of(message), ElementsAre(HasSubstr("the plain text body is sent")));
  message.set(mapi::PR_NATIVE_BODY_INFO, 2);
  set_html(message, "<p>html</p>");
  EXPECT_EQ(parsed(composed(message))["parts"][1]["type"], "text/html");
  message = bodiless_message();
  message.set(mapi::PR_RTF_COMPRESSED, mapi::Binary(30, std::byte{1}));
  EXPECT_THAT(sentences_of(message), ElementsAre(HasSubstr("sent empty")));
}

TEST(BodyChoice, ADecompressionBombIsLeftOut) {
  constexpr unsigned char start[] = {0x4C, 0x42, 0x0F, 0x00,   // a million octets and 12 are
                                     0x00, 0x12, 0x7A, 0x00,   // 8,000,000
                                     0x4C, 0x5A, 0x46, 0x75};  // LZFu
  mapi::Binary bomb(1'000'016, std::byte{0xFF});
  std::transform(std::begin(start), std::end(start), bomb.begin(),
                 [](unsigned char octet) { return std::byte{octet}; });
  auto message = simple_message();
  message.set(mapi::PR_RTF_COMPRESSED, std::move(bomb));
  EXPECT_EQ(content(parsed(composed(message))), "Text\r\n");
  EXPECT_THAT(sentences_of(message), ElementsAre("the RTF body would be far bigger than what is "
                                                 "stored of it; the plain text body is sent"));
}

TEST(BodyChoice, NulsAreNoText) {
  auto message = simple_message();
  message.set(mapi::PR_BODY, std::string("T\0e\0x\0t\0", 8));
  set_html(message, std::string("<p>\0T\xC3\xA9</p>", 11));
  const auto mail = parsed(composed(message));
  EXPECT_EQ(content(mail["parts"][0]), "Text\r\n");
  EXPECT_EQ(content(mail["parts"][1]), "<p>T\xC3\xA9</p>\r\n");
}

TEST(BodyChoice, AnEmptyTextBesideHtmlIsMadeFromTheHtml) {
  auto message = simple_message();
  message.set(mapi::PR_BODY, " \r\n");
  set_html(message, "<p>one</p><p>two</p>");
  EXPECT_THAT(content(parsed(composed(message))["parts"][0]), HasSubstr("one"));
}

TEST(BodyChoice, HtmlIsReadByMarkThenCodePageThenMetaThenUtf8) {
  struct Case {
    std::string html;
    int code_page;
  };
  const std::vector<Case> cases{
      {"\xEF\xBB\xBF<p>\xC3\xA9</p>", 1251},
      {std::string("\xFF\xFE<\0p\0>\0\xE9\0<\0/\0p\0>\0", 18), 1252},
      {"<p>\xE9</p>", 1252},
      {"<p>\xC3\xA9</p>", 65001},
      {"<p>\xC3\xA9</p>", 20127},
      {"<p>\xC3\xA9</p>", 1200},
  };
  for (const auto& [html, code_page] : cases) {
    auto message = bodiless_message();
    set_html(message, html);
    message.set(mapi::PR_INTERNET_CPID, code_page);
    const auto part = parsed(composed(message))["parts"][0];
    const auto expected = part["charset"] == "utf-8" ? "\xC3\xA9\r\n" : "\xE9\r\n";
    EXPECT_EQ(content(part), expected) << code_page;
  }
}

}  // namespace
}  // namespace postern::mime
