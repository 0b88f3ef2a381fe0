#include "mime/read_report.h"

#include <gtest/gtest.h>

#include "mapi/content.h"
#include "mime/header/date.h"
#include "mime/octets/transfer_decoding.h"
#include "mime/report/field_value.h"

namespace postern::mime {
namespace {

using mapi::ReturnedKind;
using mapi::ReturnedReport;

ReturnedReport report_in(std::string_view mail) {
  return read_report(mapi::Content::from_text(mail).open());
}

/// A report of this type with a text, the status part and what was returned.
std::string mail(std::string_view subtype, std::string_view status, std::string_view returned = {},
                 std::string_view status_header = {}) {
  std::string text =
      "From: MAILER-DAEMON@mx.example.net\r\nMessage-ID: <bounce@mx.example.net>\r\n"
      "Content-Type: multipart/report; report-type=x; boundary=\"b=1\"\r\n\r\n"
      "preamble\r\n--b=1\r\n\r\nSorry.\r\n--b=1\r\nContent-Type: message/";
  text.append(subtype).append("\r\n").append(status_header).append("\r\n").append(status);
  if (!returned.empty()) text.append("\r\n--b=1\r\nContent-Type: ").append(returned);
  return text.append("\r\n--b=1--\r\n");
}

constexpr std::string_view returned_headers =
    "text/rfc822-headers\r\n\r\nSubject: x\r\nMessage-ID: <1@example.com>\r\n";

TEST(ReadReport, EnvelopeIdHasNoControls) {
  const auto report = report_in(mail("delivery-status",
                                     "Original-Envelope-Id: 0+0D+0Aaf\x01"
                                     "3\r\n\r\n"
                                     "Final-Recipient: rfc822;ann@example.com\r\n"
                                     "Action: failed\r\nStatus: 5.1.1\r\n",
                                     returned_headers));
  EXPECT_EQ(report.envelope_id, "0+0D+0Aaf?3");
}

TEST(ReadReport, AFieldGroupIsARecipient) {
  const auto report = report_in(mail("delivery-status",
                                     "Original-Envelope-Id: 0af3\r\n"
                                     "Reporting-MTA: dns; mx.example.net (the relay)\r\n"
                                     "\r\n"
                                     "Original-Recipient: rfc822;ann+2Bx@example.com\r\n"
                                     "Final-Recipient: RFC822; <ann@inside.example.com>\r\n"
                                     "Action: Failed (for good)\r\n"
                                     "Status: 5.1.1 (no such user)\r\n"
                                     "Remote-MTA: dns; mail.inside.example.com\r\n"
                                     "Diagnostic-Code: smtp; 550 5.1.1\r\n no such user\r\n"
                                     "Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400\r\n"
                                     "\r\n\r\n"
                                     "Final-Recipient: rfc822;bob@example.com\r\n"
                                     "Action: delayed\r\nStatus: 4.4.1\r\n"
                                     "Will-Retry-Until: 8 Jul 94 00:00 GMT\r\n",
                                     returned_headers));
  EXPECT_EQ(report.kind, ReturnedKind::delivery);
  EXPECT_EQ(report.message_id, "<bounce@mx.example.net>");
  EXPECT_EQ(report.envelope_id, "0af3");
  EXPECT_EQ(report.original_message_id, "<1@example.com>");
  EXPECT_EQ(report.reporting_mta, "mx.example.net");
  EXPECT_FALSE(report.incomplete);
  ASSERT_EQ(report.recipients.size(), 2U);
  const auto& ann = report.recipients[0];
  EXPECT_EQ(ann.address, "ann@inside.example.com");
  EXPECT_EQ(ann.original_address, "ann+x@example.com");
  EXPECT_EQ(ann.action, "failed");
  EXPECT_EQ(ann.status, (EnhancedStatus{5, 1, 1}));
  EXPECT_EQ(ann.remote_host, "mail.inside.example.com");
  EXPECT_EQ(ann.diagnostic, "smtp; 550 5.1.1 no such user");
  EXPECT_EQ(ann.last_attempt->unix_seconds(), 773615749);
  EXPECT_FALSE(ann.will_retry_until);
  EXPECT_EQ(report.recipients[1].action, "delayed");
  EXPECT_EQ(report.recipients[1].will_retry_until->unix_seconds(), 773625600);
}

TEST(ReadReport, TheReportsOwnFieldNamesTheMessageToo) {
  const auto report = report_in(mail("disposition-notification",
                                     "Reporting-UA: pc.example.com; Mailer 1\r\n"
                                     "Final-Recipient: rfc822;ann@example.com\r\n"
                                     "Original-Message-ID: <2@example.com>\r\n"
                                     "Disposition: manual-action/MDN-sent-manually;\r\n"
                                     " Displayed/warning (seen)\r\n",
                                     "message/rfc822\r\n\r\nMessage-ID: <1@example.com>\r\n"));
  EXPECT_EQ(report.kind, ReturnedKind::disposition);
  EXPECT_EQ(report.original_message_id, "<2@example.com>");
  EXPECT_EQ(report.disposition, "displayed");
  ASSERT_EQ(report.recipients.size(), 1U);
  EXPECT_EQ(report.recipients[0].address, "ann@example.com");
  EXPECT_EQ(report.recipients[0].action, "");
}

TEST(ReadReport, AComplaintNamesRecipientsInFieldsOfTheirOwn) {
  const auto report = report_in(mail("feedback-report",
                                     "Feedback-Type: Abuse\r\nOriginal-Envelope-Id: 7\r\n"
                                     "Original-Rcpt-To: <ann@example.com>\r\n"
                                     "Original-Rcpt-To: bob@example.com\r\n",
                                     returned_headers));
  EXPECT_EQ(report.kind, ReturnedKind::feedback);
  EXPECT_EQ(report.feedback_type, "abuse");
  EXPECT_EQ(report.envelope_id, "7");
  ASSERT_EQ(report.recipients.size(), 2U);
  EXPECT_EQ(report.recipients[0].address, "ann@example.com");
  EXPECT_EQ(report.recipients[1].address, "bob@example.com");
}

TEST(ReadReport, InternationalReportsMayBeEncoded) {
  constexpr std::string_view status =
      "Reporting-MTA: dns; mx.example.net\r\n\r\n"
      "Original-Recipient: utf-8; gr\\x{FC}n@example.com\r\n"
      "Final-Recipient: utf-8; =E9=98=BF=E4=BC=9F@example.com\r\n"
      "Action: fai=\r\nled\r\nStatus: 5.1.1\r\n";
  const auto report =
      report_in(mail("global-delivery-status", status,
                     "message/global-headers\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                     "TWVzc2FnZS1JRDog\r\nPGfDvEBleGFtcGxlLmNvbT4NCg==",
                     "Content-Transfer-Encoding: quoted-printable\r\n"));
  ASSERT_EQ(report.recipients.size(), 1U);
  EXPECT_EQ(report.recipients[0].original_address, "grün@example.com");
  EXPECT_EQ(report.recipients[0].address, "阿伟@example.com");
  EXPECT_EQ(report.recipients[0].action, "failed");
  EXPECT_EQ(report.original_message_id, "<gü@example.com>");
}

TEST(ReadReport, WhatIsWithinAnotherMessageIsNoReportToUs) {
  const auto inner = mail("delivery-status", "Final-Recipient: rfc822;a@b.example\r\n\r\n");
  EXPECT_EQ(report_in("Content-Type: message/rfc822\r\n\r\n" + inner).kind, ReturnedKind::none);
  const auto forwarded = report_in(
      "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nSee below.\r\n--m\r\n"
      "Content-Type: message/rfc822\r\n\r\n" +
      inner + "\r\n--m--\r\n");
  EXPECT_EQ(forwarded.kind, ReturnedKind::none);
  EXPECT_EQ(forwarded.original_message_id, "");
  EXPECT_TRUE(forwarded.recipients.empty());
}

TEST(ReadReport, AReportThatAListHasWrappedIsRead) {
  auto inner = mail("delivery-status", "Final-Recipient: rfc822;a@b.example\r\nAction: failed\r\n");
  inner.erase(0, inner.find("Content-Type"));
  const auto report = report_in("Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n" + inner +
                                "\r\n--m\r\n\r\nfooter\r\n--m--\r\n");
  EXPECT_EQ(report.kind, ReturnedKind::delivery);
  ASSERT_EQ(report.recipients.size(), 1U);
}

TEST(ReadReport, AnyLineEndWillDo) {
  auto text =
      mail("delivery-status",
           "Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822;a@b.example\r\n"
           "Action: failed\r\n\r\nFinal-Recipient: rfc822;c@d.example\r\nAction: failed\r\n",
           returned_headers);
  for (const auto* line_end : {"\n", "\r"}) {
    std::string changed;
    for (const char octet : text) {
      if (octet == '\n') changed += line_end;
      if (octet != '\n' && octet != '\r') changed += octet;
    }
    const auto report = report_in(changed);
    EXPECT_EQ(report.recipients.size(), 2U);
    EXPECT_EQ(report.original_message_id, "<1@example.com>");
  }
}

TEST(ReadReport, QmailsBouncesAreRead) {
  const auto report = report_in(
      "From: MAILER-DAEMON@a.example\n\n"
      "Hi. This is the qmail-send program at a.example.\nI'm afraid it did not work out.\n\n"
      "<ann@example.com>:\n192.0.2.1 does not like recipient.\n"
      "Remote host said: 550 5.1.1 no such user\nGiving up on 192.0.2.1.\n\n"
      "<bob@example.com>:\nSorry, no mailbox here by that name. (#5.7.17)\n\n"
      "--- Below this line is a copy of the message.\n\n"
      "<carol@example.com>:\n"
      "Message-ID: <3@example.com>\nSubject: x\n\nHello\n");
  EXPECT_EQ(report.kind, ReturnedKind::delivery);
  ASSERT_EQ(report.recipients.size(), 2U);
  EXPECT_EQ(report.recipients[0].address, "ann@example.com");
  EXPECT_EQ(report.recipients[0].action, "failed");
  EXPECT_EQ(report.recipients[0].status, (EnhancedStatus{5, 1, 1}));
  EXPECT_EQ(report.recipients[0].diagnostic,
            "192.0.2.1 does not like recipient. Remote host said: 550 5.1.1 no such user Giving up "
            "on 192.0.2.1.");
  EXPECT_EQ(report.recipients[1].status, (EnhancedStatus{5, 7, 17}));
  EXPECT_EQ(report.original_message_id, "<3@example.com>");
}

TEST(ReadReport, FailedRecipientsOfTheHeaderAreRead) {
  const auto report = report_in(
      "From: MAILER-DAEMON@a.example\nX-Failed-Recipients: ann@example.com,\n bob@example.com\n\n"
      "This message was created automatically.\n\n"
      "------ This is a copy of the message, including all the headers. ------\n\n"
      "Message-ID: <4@example.com>\n\nHello\n");
  EXPECT_EQ(report.kind, ReturnedKind::delivery);
  ASSERT_EQ(report.recipients.size(), 2U);
  EXPECT_EQ(report.recipients[1].address, "bob@example.com");
  EXPECT_EQ(report.recipients[1].action, "failed");
  EXPECT_TRUE(report.recipients[1].status.empty());
  EXPECT_EQ(report.original_message_id, "<4@example.com>");
}

TEST(ReadReport, WhatIsNoReportIsNone) {
  for (const std::string_view text :
       {"", "\n", "Subject: x\n\nHello\n",
        "Hi. This is the qmail-send program.\n\nannoyed@a.example:\nx\n",
        "Subject: x\n\nHi. This is the best offer.\n\n- \n\n<a@b.example>:\nx\n",
        "X-Failed-Recipients: nobody\n\nHello\n",
        "Content-Type: message/delivery-status\n\n\n\nHello: x\n"}) {
    const auto report = report_in(text);
    EXPECT_EQ(report.kind, ReturnedKind::none) << text;
    EXPECT_TRUE(report.recipients.empty()) << text;
  }
}

TEST(ReadReport, WhatIsReadIsOneLineOfText) {
  using namespace std::string_view_literals;
  const auto report = report_in(mail("delivery-status",
                                     "Final-Recipient: rfc822;a\x1B[2J\xFF@b.example\r\n"
                                     "Action: failed\r\n"
                                     "Diagnostic-Code: smtp; 550 a\r\n\tb\0c\r\n"sv));
  ASSERT_EQ(report.recipients.size(), 1U);
  EXPECT_EQ(report.recipients[0].address, "a?[2J?@b.example");
  EXPECT_EQ(report.recipients[0].diagnostic, "smtp; 550 a\tb?c");
}

TEST(ReadReport, ABigReportIsReadAsFarAsTheBoundsAllow) {
  std::string groups;
  for (int i = 0; i < 100'001; ++i) groups += "\r\nFinal-Recipient: rfc822;a@b.example\r\n";
  const auto many = report_in(mail("delivery-status", groups));
  EXPECT_EQ(many.recipients.size(), 100'000U);
  EXPECT_TRUE(many.incomplete);

  const auto long_one = report_in(mail(
      "delivery-status", "Final-Recipient: rfc822;a@b.example\r\n" + std::string(9U << 20U, 'x')));
  EXPECT_EQ(long_one.recipients.size(), 1U);
  EXPECT_TRUE(long_one.incomplete);
}

TEST(ReportFields, XtextIsDecodedOnlyWhereItIsCertain) {
  EXPECT_EQ(xtext_decoded("joe+2Bx+3Dy+20z@a.example"), "joe+x=y z@a.example");
  for (const auto* plain : {"joe+2023@a.example", "joe+41@a.example", "joe+tag+2B@a.example",
                            "joe+2b@a.example", "a=b+2B", "joe+", "joe+2", ""}) {
    EXPECT_EQ(xtext_decoded(plain), plain);
  }
}

TEST(ReportFields, Utf8AddressesAreDecodedAsFarAsTheyAreSound) {
  EXPECT_EQ(recipient_address("utf-8; a\\x{2B}\\x{1F600}@b.example"),
            "a+\xF0\x9F\x98\x80@b.example");
  EXPECT_EQ(recipient_address("utf-8; \\x{}\\x{110000}\\x{41"), "\\x{}\\x{110000}\\x{41");
  EXPECT_EQ(recipient_address("utf-8; \\x{0A}\\x{D800}"), "????");
  EXPECT_EQ(recipient_address("rfc822; \\x{41}@b.example"), "\\x{41}@b.example");
  EXPECT_EQ(recipient_address("<a@b.example>"), "a@b.example");
  EXPECT_EQ(recipient_address("\"a;b\"@b.example"), "\"a;b\"@b.example");
}

TEST(TransferDecoding, DamageIsPassedOver) {
  const auto base64 = [](std::string_view text) {
    return decoded(text, ContentTransferEncoding::base64);
  };
  EXPECT_EQ(base64("SGVs\r\nbG8="), "Hello");
  EXPECT_EQ(base64("SGVs!bG8"), "Hello");
  EXPECT_EQ(base64("SGVsb"), "Hel");
  EXPECT_EQ(base64("="), "");
  const auto quoted = [](std::string_view text) {
    return decoded(text, ContentTransferEncoding::quoted_printable);
  };
  EXPECT_EQ(quoted("a=3Db=\r\nc  \nd=ZZ="), "a=bc\r\nd=ZZ");
  EXPECT_EQ(decoded("a=3D", ContentTransferEncoding::eight_bit), "a=3D");
}

TEST(Date, IsReadInTheFormsThatMailHas) {
  const auto seconds = [](std::string_view text) {
    const auto time = parse_date(text);
    return time ? time->unix_seconds() : -1;
  };
  EXPECT_EQ(seconds("Thu, 01 Jan 1970 00:00:10 +0000"), 10);
  EXPECT_EQ(seconds("1 Jan 1970 01:00 +0100 (CET)"), 0);
  EXPECT_EQ(seconds("Wed, 31 Dec 69 19:00:01 EST"), 1);
  EXPECT_EQ(seconds("29 Feb 2024 23:59:60 Z"), 1709251200);
  for (const auto* wrong : {"", "Thu", "30 Feb 2024 00:00 +0000", "1 Foo 2024 00:00",
                            "1 Jan 2024 24:00", "1 Jan 2024 00", "1 Jan 1500 00:00"}) {
    EXPECT_EQ(seconds(wrong), -1) << wrong;
  }
}

}  // namespace
}  // namespace postern::mime
