// What every report has of the message that it is about (mapi-submission.md §8.2).
#include "session/report_properties.h"

#include <gtest/gtest.h>

namespace postern::session {
namespace {

TEST(ReportClass, IsCutInTheMiddleAt255) {
  EXPECT_EQ(report_class("IPM.Note", "NDR"), "REPORT.IPM.Note.NDR");
  const auto cut = report_class("IPM." + std::string(400, 'x') + ".End", "DR");
  EXPECT_EQ(cut.size(), 255U);
  EXPECT_TRUE(cut.starts_with("REPORT.IPM.x"));
  EXPECT_TRUE(cut.ends_with(".End.DR"));
}

TEST(ReportClass, IsKnownInAnyCase) {
  EXPECT_TRUE(is_report_class("Report.IPM.Note.DR"));
  EXPECT_FALSE(is_report_class("IPM.Note"));
  EXPECT_FALSE(is_report_class("REPORT"));
}

}  // namespace
}  // namespace postern::session
