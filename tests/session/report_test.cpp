#include "session/report.h"

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::session {
namespace {

using mapi::make_recipient;
using mapi::RecipientType;

TEST(ReportClass, IsCutInTheMiddleAt255) {
  EXPECT_EQ(report_class(ReportKind::non_delivery, "IPM.Note"), "REPORT.IPM.Note.NDR");
  const auto cut = report_class(ReportKind::delivery, "IPM." + std::string(400, 'x') + ".End");
  EXPECT_EQ(cut.size(), 255U);
  EXPECT_TRUE(cut.starts_with("REPORT.IPM.x"));
  EXPECT_TRUE(cut.ends_with(".End.DR"));
}

TEST(Report, AP1RowReportsTheTypeOfItsTwin) {
  mapi::Message original;
  original.recipients = {make_recipient(RecipientType::cc, "a@example.com"),
                         make_recipient(RecipientType::p1, "a@example.com")};
  const auto report = make_report(ReportKind::non_delivery, original, {1}, Reporter{"h", {}, {}});
  EXPECT_EQ(report.recipients.at(0).get(mapi::PR_RECIPIENT_TYPE), 2);
  EXPECT_EQ(report.attachments.at(0).embedded->recipients.size(), 1U);
}

TEST(Report, ServerTextCannotMakeLinesOfItsOwnLookLikeOurs) {
  mapi::Message original;
  original.recipients = {make_recipient(RecipientType::to, "a@example.com")};
  mapi::set_outcome(original.recipients[0], {.verdict = Verdict::failed,
                                             .stage = Stage::rcpt,
                                             .code = 550,
                                             .status = {5, 7, 1},
                                             .text = "no\r\nbob@example.com\n  was delivered",
                                             .host = "mx",
                                             .time = {}});
  const auto report = make_report(ReportKind::non_delivery, original, {0}, Reporter{"h", {}, {}});
  const std::string body(report.get_or(mapi::PR_BODY, ""));
  EXPECT_NE(body.find("\r\n    bob@example.com\r\n"), std::string::npos) << body;
}

TEST(Report, OfADelayNamesTheServersWordsAndTheNextAttempt) {
  mapi::Message original;
  original.set(mapi::PR_SUBJECT, "Minutes");
  original.set(
      mapi::PR_POSTERN_NEXT_ATTEMPT,
      mapi::FileTime::from(std::chrono::system_clock::time_point{std::chrono::hours{10'000}}));
  original.recipients = {make_recipient(RecipientType::to, "a@example.com")};
  original.recipients[0].set(mapi::PR_RESPONSIBILITY, false);
  EXPECT_TRUE(rows_due(original, ReportKind::delayed).empty()) << "it was not tried yet";
  mapi::set_outcome(original.recipients[0], {.verdict = Verdict::retry,
                                             .stage = Stage::rcpt,
                                             .code = 450,
                                             .status = {4, 2, 2},
                                             .text = "4.2.2 mailbox full",
                                             .host = "mx.example",
                                             .time = {}});
  const auto rows = rows_due(original, ReportKind::delayed);
  ASSERT_EQ(rows, std::vector<std::size_t>{0});
  const auto report = make_report(ReportKind::delayed, original, rows, Reporter{"h", {}, {}});
  EXPECT_EQ(report.get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.Delayed.DR");
  EXPECT_EQ(report.get(mapi::PR_SUBJECT), "Delayed: Minutes");
  EXPECT_TRUE(report.attachments.empty());
  const auto& row = report.recipients.at(0);
  EXPECT_EQ(row.get(mapi::PR_NDR_STATUS_CODE), 422);
  EXPECT_EQ(row.get(mapi::PR_DSN_REMOTE_MTA), "mx.example");
  const std::string body(report.get_or(mapi::PR_BODY, ""));
  EXPECT_NE(body.find("  mx.example said:\r\n    450 4.2.2 mailbox full\r\n"), std::string::npos)
      << body;
  EXPECT_NE(body.find("\r\nThe next attempt is at 1971-02-21 16:00:00 UTC."), std::string::npos)
      << body;
  mark_reported(original, ReportKind::delayed, rows);
  EXPECT_TRUE(rows_due(original, ReportKind::delayed).empty());
}

}  // namespace
}  // namespace postern::session
