// When a worker looks at its socket again instead of sleeping.
#include "smtp/engine/adaptive_spin.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

using namespace std::chrono_literals;

int looks(AdaptiveSpin& spin) {
  int count = 0;
  while (spin.should_spin() && count < 1000) ++count;
  return count;
}

TEST(AdaptiveSpin, NobodyIsNearBeforeItWasSeen) {
  AdaptiveSpin spin;
  EXPECT_EQ(looks(spin), 0);
}

TEST(AdaptiveSpin, ServerThatEndedASleepSoonIsLookedForAgain) {
  AdaptiveSpin spin;
  spin.slept_for(20us);
  EXPECT_EQ(looks(spin), AdaptiveSpin::max_spins);
  EXPECT_EQ(looks(spin), 0) << "then it is slept";
  spin.moved();
  EXPECT_EQ(looks(spin), AdaptiveSpin::max_spins);
}

TEST(AdaptiveSpin, OneLongSleepEndsIt) {
  AdaptiveSpin spin;
  spin.slept_for(20us);
  spin.slept_for(1ms);
  spin.moved();
  EXPECT_EQ(looks(spin), 0);
}

}  // namespace
}  // namespace postern::smtp
