// What every report has of the message that it is about (mapi-submission.md §8.2).
#include "session/report_properties.h"

#include <gtest/gtest.h>

namespace postern::session {
namespace {

TEST(ReportClass, IsKnownInAnyCase) {
  EXPECT_TRUE(is_report_class("Report.IPM.Note.DR"));
  EXPECT_FALSE(is_report_class("IPM.Note"));
  EXPECT_FALSE(is_report_class("REPORT"));
}

}  // namespace
}  // namespace postern::session
