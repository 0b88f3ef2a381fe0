#include "spooler/course/exhaustion.h"

#include <gtest/gtest.h>

#include "tests/spooler/start_time.h"

namespace postern::spooler {
namespace {

using namespace std::chrono_literals;
using test::start;

constexpr auto none_left = mapi::MAPI_E_NOT_ENOUGH_RESOURCES;

TEST(ExhaustionBackoff, PausesDoubleUpToTheLongest) {
  ExhaustionBackoff exhaustion(1s, 60s);
  auto now = start;
  for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    exhaustion.on_exhausted(none_left, now);
    EXPECT_EQ(exhaustion.paused_until(now), now + pause);
    now = now + pause;
    EXPECT_FALSE(exhaustion.paused_until(now));
  }
  exhaustion.recovered();
  exhaustion.on_exhausted(none_left, now);
  EXPECT_EQ(exhaustion.paused_until(now), now + 1s);
}

TEST(ExhaustionBackoff, WhatFailsDuringAPauseMakesItNoLonger) {
  ExhaustionBackoff exhaustion(1s, 60s);
  for (int time = 0; time < 5; ++time) exhaustion.on_exhausted(none_left, start);
  EXPECT_EQ(exhaustion.paused_until(start), start + 1s);
}

TEST(ExhaustionBackoff, ClockThatWasSetBackMakesNoPauseLonger) {
  ExhaustionBackoff exhaustion(1s, 60s);
  exhaustion.on_exhausted(none_left, start + 24h);
  EXPECT_FALSE(exhaustion.paused_until(start));
}

TEST(ExhaustionBackoff, SameLackIsNewsOnceAnHour) {
  ExhaustionBackoff exhaustion(1s, 60s);
  EXPECT_TRUE(exhaustion.on_exhausted(none_left, start));
  EXPECT_FALSE(exhaustion.on_exhausted(none_left, start + 1s));
  exhaustion.recovered();
  EXPECT_FALSE(exhaustion.on_exhausted(none_left, start + 10min));
  EXPECT_TRUE(exhaustion.on_exhausted(mapi::MAPI_E_NOT_ENOUGH_MEMORY, start + 11min));
  EXPECT_FALSE(exhaustion.on_exhausted(none_left, start + 12min));
  EXPECT_TRUE(exhaustion.on_exhausted(none_left, start + 60min));
}

TEST(ExhaustionBackoff, ItsEndIsNewsIfTheBeginningWas) {
  ExhaustionBackoff exhaustion(1s, 60s);
  EXPECT_FALSE(exhaustion.recovered()) << "of nothing";
  exhaustion.on_exhausted(none_left, start);
  EXPECT_TRUE(exhaustion.recovered());
  EXPECT_FALSE(exhaustion.recovered());
  exhaustion.on_exhausted(none_left, start + 1s);
  EXPECT_FALSE(exhaustion.recovered()) << "nobody was told of it";
}

}  // namespace
}  // namespace postern::spooler
