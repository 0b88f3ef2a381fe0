#include "smtp/dialogue/ledger.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(LedgerDeathTest, SecondVerdictStopsTheProgram) {
  Ledger ledger(2);
  ledger.settle(0, {});
  EXPECT_DEATH(ledger.settle(0, {}), "a recipient was given a second outcome");
}

TEST(LedgerDeathTest, LostVerdictStopsTheProgram) {
  Ledger ledger(2);
  ledger.settle(1, {});
  EXPECT_DEATH((void)ledger.take(), "a recipient was left without an outcome");
}

TEST(LedgerDeathTest, VerdictForNobodyStopsTheProgram) {
  Ledger ledger(2);
  EXPECT_DEATH(ledger.settle(2, {}), "an outcome was given to no recipient");
}

TEST(Ledger, GivesOutcomesInTheOrderOfTheRecipients) {
  Ledger ledger(2);
  ledger.settle(1, {Verdict::failed, {}, 550, {}, {}, {}, {}});
  EXPECT_EQ(ledger.open_recipients(), std::vector<std::size_t>{0});
  ledger.settle(0, {Verdict::delivered, {}, 250, {}, {}, {}, {}});
  const auto all = ledger.take();
  EXPECT_EQ(all[0].code, 250);
  EXPECT_EQ(all[1].code, 550);
}

}  // namespace
}  // namespace postern::smtp
