#include "session/report.h"

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/store_support.h"
#include "session/submission.h"

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

/// A message with a recipient who was refused, and its report.
mapi::Message refused_message() {
  mapi::Message original;
  original.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  mapi::set_address(original, mapi::sender_group, "ann@example.com", "Ann");
  original.recipients = {make_recipient(RecipientType::cc, "a@example.com")};
  mapi::set_outcome(original.recipients[0], {.verdict = Verdict::failed,
                                             .stage = Stage::rcpt,
                                             .code = 550,
                                             .status = {5, 1, 1},
                                             .text = "5.1.1 no such user",
                                             .host = "mx",
                                             .time = {}});
  original.set(mapi::PR_REPORT_ENTRYID,
               mapi::make_one_off({"Desk", "SMTP", "desk@example.com"}).bytes);
  original.set(mapi::PR_REPORT_NAME, "Desk");
  return original;
}

TEST(Report, ToSomebodyElseIsSubmittedToHimAlone) {
  auto report = make_report(ReportKind::non_delivery, refused_message(), {0}, {"h", {}, {}});
  ASSERT_TRUE(is_to_be_submitted(report));
  EXPECT_EQ(report.get(mapi::PR_DELETE_AFTER_SUBMIT), true);
  DefaultStoreSupport support;
  prepare_submission(report, support, mapi::FileTime::now());
  ASSERT_EQ(report.recipients.size(), 2U);
  const auto& reported = report.recipients[0];
  EXPECT_EQ(reported.get(mapi::PR_RECIPIENT_TYPE), 2);
  EXPECT_EQ(reported.get(mapi::PR_RESPONSIBILITY), true) << "it is not sent there";
  EXPECT_EQ(mapi::outcome(reported).value().text, "5.1.1 no such user");
  const auto& receiver = report.recipients[1];
  EXPECT_EQ(receiver.get(mapi::PR_EMAIL_ADDRESS), "desk@example.com");
  EXPECT_EQ(receiver.get(mapi::PR_RESPONSIBILITY), false);
}

TEST(Report, ThatIsCancelledAndSubmittedAnewGoesToNobodyElse) {
  auto report = make_report(ReportKind::non_delivery, refused_message(), {0}, {"h", {}, {}});
  DefaultStoreSupport support;
  prepare_submission(report, support, mapi::FileTime::now());
  undo_submission(report, 0);
  prepare_submission(report, support, mapi::FileTime::now());
  EXPECT_EQ(report.recipients.at(0).get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_TRUE(mapi::outcome(report.recipients[0])) << "it still has what it reports";
  EXPECT_EQ(report.recipients.at(1).get(mapi::PR_RESPONSIBILITY), false);
}

TEST(Report, ToSomebodyElseSpeaksOfWhoWasReportedOn) {
  const auto original = refused_message();
  auto report = make_report(ReportKind::non_delivery, original, {0}, {"h", {}, {}});
  const auto body = [&report] { return std::string(report.get_or(mapi::PR_BODY, "")); };
  EXPECT_TRUE(body().starts_with("The message\r\n\r\n  From:    Ann <ann@example.com>\r\n"));
  leave_out_original(report, original);
  EXPECT_NE(body().find("a@example.com"), std::string::npos);
  EXPECT_EQ(body().find("desk@example.com"), std::string::npos) << body();
}

TEST(Report, ToTheSenderHimselfIsReceivedHere) {
  auto original = refused_message();
  original.set(mapi::PR_REPORT_ENTRYID,
               mapi::make_one_off({"Ann", "SMTP", "Ann@Example.com"}).bytes);
  const auto report = make_report(ReportKind::non_delivery, original, {0}, {"h", {}, {}});
  EXPECT_FALSE(is_to_be_submitted(report));
  EXPECT_EQ(report.recipients.size(), 1U);
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

TEST(Report, PutsOnlyAServersWordsIntoItsMouthAndSaysThatTheMessageMayHaveArrived) {
  mapi::Message original;
  original.recipients = {make_recipient(RecipientType::to, "a@example.com")};
  auto& row = original.recipients[0];
  mapi::set_outcome(row, {.verdict = Verdict::unknown,
                          .stage = Stage::end,
                          .code = 0,
                          .status = {4, 4, 2},
                          .text = "mx.example gave no whole reply",
                          .host = "mx.example",
                          .time = std::chrono::system_clock::time_point{std::chrono::hours{24}}});
  mapi::set_outcome(row, {.verdict = Verdict::failed,
                          .stage = Stage::rcpt,
                          .code = 450,
                          .status = {4, 4, 7},
                          .text = "it was given up; the last answer was: 450 full",
                          .host = "mx.example",
                          .time = {},
                          .own_words = true});
  const auto report = make_report(ReportKind::non_delivery, original, {0}, Reporter{"h", {}, {}});
  const std::string body(report.get_or(mapi::PR_BODY, ""));
  EXPECT_EQ(body.find("said:"), std::string::npos) << body;
  EXPECT_NE(body.find("  Details:\r\n    4.4.7 it was given up; the last answer was: 450 full\r\n"),
            std::string::npos)
      << body;
  EXPECT_NE(body.find("It may have arrived all the same: on 1970-01-02 00:00:00 UTC"),
            std::string::npos)
      << body;
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
