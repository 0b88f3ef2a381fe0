#include "base/outcome.h"

#include <gtest/gtest.h>

namespace postern {
namespace {

TEST(EnhancedStatus, ParsesWholeCodesOnly) {
  EXPECT_EQ(EnhancedStatus::parse("5.1.10"), (EnhancedStatus{5, 1, 10}));
  EXPECT_EQ(EnhancedStatus::parse("2.0.0")->text(), "2.0.0");
  EXPECT_EQ(EnhancedStatus{}.text(), "");
  for (const char* bad : {"", "5", "5.1", "5.1.", "5.1.1.", "5.1.1.1", "5.1.1 ", "3.1.1",
                          "5.1.1000", "5.-1.1", "5.-0.1", "5..1", "a.b.c", "50.1.1"}) {
    EXPECT_FALSE(EnhancedStatus::parse(bad)) << bad;
  }
}

// Message stores hold these names and numbers.
TEST(Outcome, VerdictsKeepTheirNumbersAndNames) {
  struct Row {
    Verdict verdict;
    int number;
    const char* text;
  };
  for (const Row& row : {Row{Verdict::delivered, 1, "delivered"}, Row{Verdict::failed, 2, "failed"},
                         Row{Verdict::retry, 3, "retry"}, Row{Verdict::unknown, 4, "unknown"}}) {
    EXPECT_EQ(static_cast<int>(row.verdict), row.number);
    EXPECT_EQ(name(row.verdict), row.text);
  }
}

TEST(Outcome, StagesAreFoundByTheirNames) {
  const std::vector<std::string> names{"submit", "compose",  "address", "connect", "greeting",
                                       "ehlo",   "starttls", "auth",    "mail",    "rcpt",
                                       "data",   "content",  "end"};
  for (std::size_t index = 0; index < names.size(); ++index) {
    EXPECT_EQ(name(static_cast<Stage>(index)), names[index]);
    EXPECT_EQ(stage_named(names[index]), static_cast<Stage>(index));
  }
  EXPECT_EQ(stage_named(""), std::nullopt);
  EXPECT_EQ(stage_named("Rcpt"), std::nullopt);
}

}  // namespace
}  // namespace postern
