// Messages that go as winmail.dat (mapi-to-mime.md §9).
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/tree/entity.h"
#include "msg/tnef_file.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

ComposeOptions with_tnef() {
  auto options = fixed_options();
  options.tnef = true;
  return options;
}

mapi::Message rich_message() {
  auto message = simple_message();
  message.set(mapi::PR_INTERNET_MESSAGE_ID, "<id@example.com>");
  message.erase(mapi::PR_BODY);
  set_html(message, "<p>Some <b>bold</b> words</p>");
  message.set({mapi::PS_PUBLIC_STRINGS, "Own"}, std::string("kept"));
  message.attachments.push_back(
      mapi::make_attachment("a.bin", mapi::Content::from_text(random_octets(1, 5000))));
  return message;
}

/// The message in the winmail.dat of a plan.
mapi::Message in_winmail(const Plan& plan) {
  const auto parts = plan.root().parts();
  EXPECT_EQ(parts.size(), 2U);
  return msg::read_tnef(parts.back()->content()).message;
}

TEST(Tnef, TextAndWinmailTogetherAreTheMail) {
  const auto mail = parsed(octets_of(compose(rich_message(), with_tnef()).content()));
  EXPECT_EQ(mail["type"], "multipart/mixed");
  EXPECT_EQ(header(mail, "X-MS-TNEF-Correlator"), "<id@example.com>");
  EXPECT_EQ(header(mail, "Subject"), "Subject");
  ASSERT_EQ(mail["parts"].size(), 2U);
  EXPECT_EQ(mail["parts"][0]["type"], "text/plain");
  EXPECT_EQ(mail["parts"][1]["type"], "application/ms-tnef");
  EXPECT_EQ(header(mail["parts"][1], "Content-Transfer-Encoding"), "base64");
  EXPECT_THAT(header(mail["parts"][1], "Content-Type"), HasSubstr("name=\"winmail.dat\""));
  EXPECT_THAT(header(mail["parts"][1], "Content-Disposition"),
              HasSubstr("filename=\"winmail.dat\""));
  EXPECT_THAT(outline(compose(rich_message(), with_tnef())), HasSubstr("\"winmail.dat\""));
}

TEST(Tnef, TheTextIsThatOfTheHtml) {
  const auto plan = compose(rich_message(), with_tnef());
  EXPECT_THAT(octets_of(plan.content()), HasSubstr("\r\n\r\nSome bold words"));
}

TEST(Tnef, WinmailHasTheWholeMessageButItsRecipients) {
  const auto message = rich_message();
  const auto result = in_winmail(compose(message, with_tnef()));
  EXPECT_EQ(result.get_or(mapi::PR_HTML, {}), message.get_or(mapi::PR_HTML, {}));
  EXPECT_EQ(result.get_text({mapi::PS_PUBLIC_STRINGS, "Own"}), "kept");
  EXPECT_THAT(result.recipients, IsEmpty());
  ASSERT_EQ(result.attachments.size(), 1U);
  EXPECT_EQ(octets_of(result.attachments[0].data), random_octets(1, 5000));
  const auto key = result.get_or(mapi::PR_TNEF_CORRELATION_KEY, {});
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(key.data()), key.size()),
            std::string("<id@example.com>\0", 17));
}

TEST(Tnef, AMessageCanAskForIt) {
  auto message = rich_message();
  message.set(mapi::PR_POSTERN_TNEF, true);
  const auto plan = compose(message, fixed_options());
  EXPECT_EQ(in_winmail(plan).find(mapi::PR_POSTERN_TNEF.id), nullptr);
  auto options = fixed_options();
  options.is_file = true;  // what a file from elsewhere says is not asked by anybody here
  EXPECT_THAT(octets_of(compose(message, options).content()), Not(HasSubstr("winmail")));
}

TEST(Tnef, NoOtherMessageIsSentSo) {
  EXPECT_THAT(octets_of(compose(rich_message(), fixed_options()).content()),
              Not(HasSubstr("tnef")));
}

TEST(Tnef, AttachedMessagesAreInIt) {
  auto message = rich_message();
  auto inner = simple_message();
  inner.set(mapi::PR_POSTERN_TNEF, true);
  message.attachments = {mapi::make_attachment(inner)};
  const auto result = in_winmail(compose(message, with_tnef()));
  ASSERT_NE(result.attachments.at(0).embedded, nullptr);
  EXPECT_EQ(result.attachments[0].embedded->recipients.size(), inner.recipients.size());
  // Sent as MIME, the outer one does not make the inner one TNEF.
  EXPECT_THAT(octets_of(compose(message, fixed_options()).content()), Not(HasSubstr("winmail")));
}

TEST(Tnef, ReportsStayReports) {
  auto report = simple_message();
  report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.IPNRN");
  EXPECT_EQ(parsed(octets_of(compose(report, with_tnef()).content()))["type"], "multipart/report");
}

TEST(Tnef, SignedMessagesStaySigned) {
  auto message = simple_message();
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note.SMIME.MultipartSigned");
  message.attachments.push_back(mapi::make_attachment(
      "smime.p7m", mapi::Content::from_text("Content-Type: multipart/signed; boundary=\"b\"\r\n"
                                            "\r\n--b\r\n\r\ntext\r\n--b--\r\n")));
  EXPECT_EQ(parsed(octets_of(compose(message, with_tnef()).content()))["type"], "multipart/signed");
}

TEST(Tnef, WhatIsToBeSignedIsTnefToo) {
  auto message = rich_message();
  message.set(mapi::PR_POSTERN_TNEF, true);
  const auto plan = compose_content(message, fixed_options());
  EXPECT_EQ(in_winmail(plan).attachments.size(), 1U);
}

TEST(Tnef, TheSameMessageGivesTheSameOctets) {
  const auto plan = compose(rich_message(), with_tnef());
  const auto octets = octets_of(plan.content());
  EXPECT_EQ(octets.size(), plan.size());
  EXPECT_EQ(octets, octets_of(compose(rich_message(), with_tnef()).content(), 11));
}

}  // namespace
}  // namespace postern::mime
