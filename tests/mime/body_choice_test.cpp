// Which of several stored bodies is sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
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

void append_dword(mapi::Binary& bytes, std::size_t value) {
  for (int i = 0; i < 4; ++i, value >>= 8U) bytes.push_back(static_cast<std::byte>(value));
}

/// PR_RTF_COMPRESSED in its uncompressed form, MELA.
void set_rtf(mapi::Message& message, std::string_view rtf) {
  mapi::Binary bytes;
  append_dword(bytes, rtf.size() + 12);
  append_dword(bytes, rtf.size());
  append_dword(bytes, 0x414C454D);
  append_dword(bytes, 0);
  const auto octets = std::as_bytes(std::span(rtf));
  bytes.insert(bytes.end(), octets.begin(), octets.end());
  message.set(mapi::PR_RTF_COMPRESSED, std::move(bytes));
}

mapi::Message bodiless_message() {
  auto message = simple_message();
  message.erase(mapi::PR_BODY);
  return message;
}

std::vector<std::string> warnings_of(const mapi::Message& message) {
  return compose(message, fixed_options()).warnings;
}

TEST(BodyChoice, HtmlInsideRtfIsSentAsHtmlInACharsetThatIsTrue) {
  auto message = bodiless_message();
  set_rtf(message, encapsulated_html);
  const auto mail = parsed(composed(message));
  const auto& html = mail["parts"][1];
  EXPECT_EQ(html["charset"], "utf-8");
  EXPECT_EQ(content(html), "<html><meta charset=\"utf-8\">\xD0\x9F\xD1\x80</html>\r\n");
  EXPECT_EQ(content(mail["parts"][0]), "\xD0\x9F\xD1\x80\r\n");
  EXPECT_THAT(warnings_of(message), IsEmpty());
}

TEST(BodyChoice, TextInsideRtfIsSentAsText) {
  auto message = bodiless_message();
  set_rtf(message, encapsulated_text);
  EXPECT_EQ(content(parsed(composed(message))), "line one\r\nline two\r\n");
}

TEST(BodyChoice, TrueRtfLosesItsFormattingAndSaysSo) {
  auto message = bodiless_message();
  set_rtf(message, true_rtf);
  EXPECT_EQ(content(parsed(composed(message))), "bold\r\n");
  EXPECT_THAT(warnings_of(message), ElementsAre(HasSubstr("formatting")));
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
  EXPECT_THAT(warnings_of(message), ElementsAre(HasSubstr("the plain text body is sent")));
  message.set(mapi::PR_NATIVE_BODY_INFO, 2);
  set_html(message, "<p>html</p>");
  EXPECT_EQ(parsed(composed(message))["parts"][1]["type"], "text/html");
  message = bodiless_message();
  message.set(mapi::PR_RTF_COMPRESSED, mapi::Binary(30, std::byte{1}));
  EXPECT_THAT(warnings_of(message), ElementsAre(HasSubstr("sent empty")));
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
