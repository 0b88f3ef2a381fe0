// The machine-readable parts of reports, read back by the reader of reports that came back and by
// Python's email package.
#include <array>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "mime/read_report.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

using mapi::ReturnedKind;
using mapi::ReturnedReport;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr std::int64_t tried_at = 1'752'064'496;  // 2025-07-09 12:34:56 UTC

Outcome refusal(std::string text) {
  return {.verdict = Verdict::failed,
          .stage = Stage::rcpt,
          .code = 550,
          .status = {5, 7, 26},
          .text = std::move(text),
          .host = "mx.example.net[192.0.2.1]",
          .time = std::chrono::system_clock::time_point{std::chrono::seconds{tried_at}}};
}

mapi::Message report_of_class(const std::string& message_class) {
  mapi::Message report;
  report.set(mapi::PR_MESSAGE_CLASS, message_class);
  report.set(mapi::PR_SUBJECT, "A report");
  report.set(mapi::PR_BODY, "What happened.");
  report.set(mapi::PR_REPORTING_MTA, "dns;gateway.example");
  report.set(mapi::PR_ORIGINAL_SUBJECT, "Tickets");
  report.set(mapi::PR_ORIGINAL_SENDER_NAME, "Ann");
  report.set(mapi::PR_ORIGINAL_SENDER_EMAIL_ADDRESS, "ann@example.com");
  report.set(mapi::PR_IN_REPLY_TO_ID, "<1@example.com>");
  mapi::set_address(report, mapi::sender_group, "postmaster@gateway.example", "Mail System");
  mapi::set_address(report, mapi::rcvd_representing_group, "ann@example.com", "Ann");
  report.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, "bob@example.net"));
  return report;
}

ReturnedReport read_back(const mapi::Message& report) {
  const auto plan = compose(report, fixed_options());
  expect_fit_for_the_wire(plan);
  return read_report(plan.content().open());
}

std::string status_read_back(const mapi::Message& report) {
  return read_back(report).recipients.at(0).status.text();
}

/// The names of the fields of each group of the status part, as Python finds them.
nlohmann::json groups_in(const mapi::Message& report) {
  return python(
      "import sys, json, email, email.policy\n"
      "mail = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)\n"
      "status = [p for p in mail.walk() if p.get_content_type() == 'message/delivery-status'][0]\n"
      "print(json.dumps([g.keys() for g in status.get_payload()]))\n",
      composed(report));
}

TEST(ReportPart, EveryKindOfDeliveryReportIsReadBackAsItself) {
  struct Row {
    std::string message_class;
    std::string action;
    std::string status;
  };
  const std::array<Row, 5> rows{{{"REPORT.IPM.Note.NDR", "failed", "5.7.26"},
                                 {"REPORT.IPM.Note.DR", "delivered", "2.0.0"},
                                 {"REPORT.IPM.Note.Delayed.DR", "delayed", "4.0.0"},
                                 {"REPORT.IPM.Note.Relayed.DR", "relayed", "2.0.0"},
                                 {"REPORT.IPM.Note.Expanded.DR", "expanded", "2.0.0"}}};
  for (const auto& [message_class, action, status] : rows) {
    auto report = report_of_class(message_class);
    mapi::set_outcome(report.recipients[0], refusal("not from here"));
    report.recipients.push_back(mapi::make_recipient(mapi::RecipientType::cc, "c@example.net"));
    const auto returned = read_back(report);
    EXPECT_EQ(returned.kind, ReturnedKind::delivery) << message_class;
    EXPECT_EQ(returned.reporting_mta, "gateway.example");
    EXPECT_EQ(returned.original_message_id, "<1@example.com>") << "of the headers returned";
    ASSERT_THAT(returned.recipients, SizeIs(2));
    EXPECT_EQ(returned.recipients[0].address, "bob@example.net");
    EXPECT_EQ(returned.recipients[0].original_address, "bob@example.net");
    EXPECT_EQ(returned.recipients[0].action, action);
    EXPECT_EQ(returned.recipients[0].status.text(), status);
    EXPECT_EQ(returned.recipients[1].action, action);
  }
}

TEST(ReportPart, TheServersOwnWordsAreKept) {
  auto report = report_of_class("REPORT.IPM.Note.NDR");
  mapi::set_outcome(report.recipients[0], refusal("5.7.26 not from here\nsee https://e.example"));
  const auto returned = read_back(report);
  const auto& row = returned.recipients.at(0);
  EXPECT_EQ(row.diagnostic, "smtp; 550 5.7.26 not from here see https://e.example");
  EXPECT_EQ(row.remote_host, "mx.example.net");
  ASSERT_TRUE(row.last_attempt);
  EXPECT_EQ(row.last_attempt->unix_seconds(), tried_at);
}

TEST(ReportPart, WhatWasNoReplyIsNotPassedOffAsOne) {
  auto report = report_of_class("REPORT.IPM.Note.NDR");
  auto outcome = refusal("no transport takes the address type FAX");
  outcome.code = 0;
  mapi::set_outcome(report.recipients[0], outcome);
  EXPECT_EQ(read_back(report).recipients.at(0).diagnostic,
            "x-postern; no transport takes the address type FAX");
}

TEST(ReportPart, TheStatusCodeComesBeforeTheTables) {
  auto report = report_of_class("REPORT.IPM.Note.NDR");
  auto& row = report.recipients[0];
  row.set(mapi::PR_NDR_DIAG_CODE, 35);
  row.set(mapi::PR_NDR_STATUS_CODE, 522);
  EXPECT_EQ(status_read_back(report), "5.2.2");
  row.set(mapi::PR_SUPPLEMENTARY_INFO, "<mx.example.net #5.1.1 smtp;550 no such user>");
  EXPECT_EQ(status_read_back(report), "5.2.2") << "the text contradicts the code";
  row.set(mapi::PR_NDR_STATUS_CODE, 999);
  EXPECT_EQ(status_read_back(report), "5.1.1") << "the code is none";
  EXPECT_EQ(read_back(report).recipients.at(0).diagnostic, "smtp; 550 no such user");
}

/// mapi-submission.md §14, the reverse direction.
TEST(ReportPart, WithoutAStatusTheDiagnosticTellsAndThenTheReason) {
  const std::array by_diagnostic{
      "5.1.0", "5.1.4", "4.4.5", "4.4.6", "5.1.0", "4.4.7", "5.3.0", "5.6.0", "5.6.3", "5.6.2",
      "5.6.0", "5.5.4", "5.6.0", "5.3.4", "5.6.0", "5.6.1", "5.5.3", "5.5.5", "5.3.3", "5.6.2",
      "5.6.0", "5.6.0", "4.6.4", "4.6.4", "4.6.4", "4.6.4", "5.7.3", "4.4.6", "5.7.2", "5.7.1",
      "5.2.4", "5.6.1", "5.1.3", "5.1.0", "5.1.3", "5.1.1", "5.1.0", "5.3.0", "5.3.0", "5.1.0",
      "5.1.6", "5.1.0", "5.1.0", "5.1.6", "5.0.0", "5.0.0", "5.7.0", "5.0.0", "5.1.2"};
  const std::array by_reason{"5.4.0", "5.1.0", "5.6.5", "5.6.5", "5.2.0", "5.3.0", "4.4.3"};
  auto report = report_of_class("REPORT.IPM.Note.NDR");
  auto& row = report.recipients[0];
  for (std::size_t i = 0; i < by_diagnostic.size(); ++i) {
    row.set(mapi::PR_NDR_DIAG_CODE, static_cast<std::int32_t>(i));
    EXPECT_EQ(status_read_back(report), by_diagnostic.at(i)) << "diagnostic " << i;
  }
  row.set(mapi::PR_NDR_DIAG_CODE, -1);
  for (std::size_t i = 0; i < by_reason.size(); ++i) {
    row.set(mapi::PR_NDR_REASON_CODE, static_cast<std::int32_t>(i));
    EXPECT_EQ(status_read_back(report), by_reason.at(i)) << "reason " << i;
  }
}

TEST(ReportPart, AnInternationalAddressIsReadBack) {
  auto report = report_of_class("REPORT.IPM.Note.NDR");
  report.recipients[0] = mapi::make_recipient(mapi::RecipientType::to, "jörg+x=y@example.net");
  EXPECT_THAT(composed(report), HasSubstr("utf-8; j\\x{F6}rg\\x{2B}x\\x{3D}y@example.net\r\n"));
  EXPECT_EQ(read_back(report).recipients.at(0).address, "jörg+x=y@example.net");
}

TEST(ReportPart, ADelayTellsHowLongItIsTried) {
  auto report = report_of_class("REPORT.IPM.Note.Delayed.DR");
  auto outcome = refusal("4.7.1 come back later");
  outcome.verdict = Verdict::retry;
  outcome.code = 450;
  outcome.status = {4, 7, 1};
  mapi::set_outcome(report.recipients[0], outcome);
  report.recipients[0].set(mapi::PR_LATEST_DELIVERY_TIME,
                           mapi::FileTime::from(outcome.time + std::chrono::hours{72}));
  const auto row = read_back(report).recipients.at(0);
  EXPECT_EQ(row.status.text(), "4.7.1");
  EXPECT_EQ(row.diagnostic, "smtp; 450 4.7.1 come back later");
  ASSERT_TRUE(row.will_retry_until);
  EXPECT_EQ(row.will_retry_until->unix_seconds(), tried_at + 72 * 3600);
}

TEST(ReportPart, TheEnvelopesOwnRowIsNotReportedOn) {
  auto report = report_of_class("REPORT.IPM.Note.NDR");
  report.recipients.push_back(mapi::make_recipient(mapi::RecipientType::p1, "desk@example.com"));
  EXPECT_THAT(read_back(report).recipients, SizeIs(1));
  EXPECT_THAT(composed(report), Not(HasSubstr("-Recipient: rfc822; desk@example.com")));
}

TEST(ReportPart, NothingStoredBreaksAField) {
  const std::string hostile =
      "x\r\nAction: delivered\r\n\r\nFinal-Recipient: rfc822; y@z.example\n\nStatus: 2.0.0\t\x01" +
      std::string(3000, 'a') + "ü";
  auto report = report_of_class("REPORT.IPM.Note.NDR");
  for (const auto tag :
       {mapi::PR_REPORTING_MTA, mapi::PR_ORIGINAL_SUBJECT, mapi::PR_ORIGINAL_SENDER_NAME,
        mapi::PR_ORIGINAL_SENDER_EMAIL_ADDRESS, mapi::PR_IN_REPLY_TO_ID}) {
    report.set(tag, hostile);
  }
  auto& row = report.recipients[0];
  row = {};
  mapi::set_outcome(row, refusal(hostile));
  for (const auto tag : {mapi::PR_DISPLAY_NAME, mapi::PR_EMAIL_ADDRESS, mapi::PR_ADDRTYPE,
                         mapi::PR_DSN_REMOTE_MTA, mapi::PR_SUPPLEMENTARY_INFO}) {
    row.set(tag, hostile);
  }
  const auto returned = read_back(report);
  ASSERT_THAT(returned.recipients, SizeIs(1));
  EXPECT_EQ(returned.recipients[0].action, "failed");
  EXPECT_EQ(returned.recipients[0].status.text(), "5.7.26");
  const auto groups = groups_in(report);
  ASSERT_EQ(groups.size(), 2U) << groups;
  EXPECT_THAT(groups[0].get<std::vector<std::string>>(), ElementsAre("Reporting-MTA"));
  EXPECT_THAT(groups[1].get<std::vector<std::string>>(),
              ElementsAre("Final-Recipient", "Action", "Status", "Diagnostic-Code",
                          "Last-Attempt-Date", "X-Supplementary-Info", "X-Display-Name"));
}

TEST(ReportPart, AMessageThatIsNotEnclosedIsNamedByItsHeaders) {
  auto report = report_of_class("REPORT.IPM.Note.NDR");
  const auto mail = parsed(composed(report));
  ASSERT_THAT(mail["parts"], SizeIs(3));
  EXPECT_EQ(mail["parts"][2]["type"], "text/rfc822-headers");
  EXPECT_THAT(content(mail["parts"][2]), HasSubstr("From: Ann <ann@example.com>\r\n"
                                                   "Message-ID: <1@example.com>\r\n"
                                                   "Subject: Tickets"));
  report.erase(mapi::PR_IN_REPLY_TO_ID);
  EXPECT_THAT(parsed(composed(report))["parts"], SizeIs(2)) << "nothing names it";
}

TEST(ReportPart, ReadReceiptsAreReadBack) {
  const std::array<std::pair<std::string, std::string>, 2> rows{
      {{"REPORT.IPM.Note.IPNRN", "displayed"}, {"REPORT.IPM.Note.IPNNRN", "deleted"}}};
  for (const auto& [message_class, disposition] : rows) {
    auto report = report_of_class(message_class);
    mapi::set_address(report, mapi::sender_group, "reader@example.com", "Reader");
    mapi::set_address(report, mapi::sent_representing_group, "desk@example.com");
    const auto returned = read_back(report);
    EXPECT_EQ(returned.kind, ReturnedKind::disposition);
    EXPECT_EQ(returned.disposition, disposition);
    EXPECT_EQ(returned.original_message_id, "<1@example.com>");
    ASSERT_THAT(returned.recipients, SizeIs(1));
    EXPECT_EQ(returned.recipients[0].address, "reader@example.com");
    EXPECT_EQ(returned.recipients[0].original_address, "desk@example.com");
    const auto mail = parsed(composed(report));
    EXPECT_THAT(header(mail, "Content-Type"),
                HasSubstr("report-type=\"disposition-notification\""));
    EXPECT_EQ(header(mail, "To"), "bob@example.net") << "whom the receipt is for";
    EXPECT_EQ(header(mail, "Auto-Submitted"), "auto-replied");
  }
}

}  // namespace
}  // namespace postern::mime
