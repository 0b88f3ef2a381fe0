// When a worker looks at its socket again instead of sleeping.
#include "smtp/engine/nearness.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

using namespace std::chrono_literals;

int looks(Nearness& nearness) {
  int count = 0;
  while (nearness.look_again() && count < 1000) ++count;
  return count;
}

TEST(Nearness, NobodyIsNearBeforeItWasSeen) {
  Nearness nearness;
  EXPECT_EQ(looks(nearness), 0);
}

TEST(Nearness, ServerThatEndedASleepSoonIsLookedForAgain) {
  Nearness nearness;
  nearness.slept(20us);
  EXPECT_EQ(looks(nearness), Nearness::most_looks);
  EXPECT_EQ(looks(nearness), 0) << "then it is slept";
  nearness.moved();
  EXPECT_EQ(looks(nearness), Nearness::most_looks);
}

TEST(Nearness, OneLongSleepEndsIt) {
  Nearness nearness;
  nearness.slept(20us);
  nearness.slept(1ms);
  nearness.moved();
  EXPECT_EQ(looks(nearness), 0);
}

}  // namespace
}  // namespace postern::smtp
