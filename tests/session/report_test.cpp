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

}  // namespace
}  // namespace postern::session
