#include "smtp/dialogue/recipient_outcomes.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(RecipientOutcomesDeathTest, SecondVerdictStopsTheProgram) {
  RecipientOutcomes outcomes(2);
  outcomes.settle(0, {});
  EXPECT_DEATH(outcomes.settle(0, {}), "a recipient was given a second outcome");
}

TEST(RecipientOutcomesDeathTest, LostVerdictStopsTheProgram) {
  RecipientOutcomes outcomes(2);
  outcomes.settle(1, {});
  EXPECT_DEATH((void)outcomes.take(), "a recipient was left without an outcome");
}

TEST(RecipientOutcomesDeathTest, VerdictForNobodyStopsTheProgram) {
  RecipientOutcomes outcomes(2);
  EXPECT_DEATH(outcomes.settle(2, {}), "an outcome was given to no recipient");
}

TEST(RecipientOutcomes, GivesOutcomesInTheOrderOfTheRecipients) {
  RecipientOutcomes outcomes(2);
  outcomes.settle(1, {Verdict::failed, {}, 550, {}, {}, {}, {}});
  EXPECT_EQ(outcomes.open_recipients(), std::vector<std::size_t>{0});
  outcomes.settle(0, {Verdict::delivered, {}, 250, {}, {}, {}, {}});
  const auto all = outcomes.take();
  EXPECT_EQ(all[0].code, 250);
  EXPECT_EQ(all[1].code, 550);
}

}  // namespace
}  // namespace postern::smtp
