// When the spooler looks into its queue: by steps, without waiting.
#include "spooler/course/queue_schedule.h"

#include <gtest/gtest.h>

#include "spooler/course/stored_times.h"
#include "tests/spooler/start_time.h"

namespace postern::spooler {
namespace {

using namespace std::chrono_literals;
using test::start;

/// A look that finds nothing more than `count` messages.
void look(QueueSchedule& schedule, mapi::FileTime now, std::size_t count = 0,
          std::optional<mapi::FileTime> next_due = std::nullopt) {
  const auto begun = schedule.begin_look(now, 0);
  ASSERT_TRUE(begun);
  schedule.end_look(*begun, count, next_due, now);
}

TEST(QueueSchedule, LooksAtOnceAndThenWhenSomethingHasChanged) {
  QueueSchedule schedule(10);
  EXPECT_FALSE(schedule.is_quiet());
  look(schedule, start);
  EXPECT_TRUE(schedule.is_quiet());
  EXPECT_FALSE(schedule.begin_look(start + 1s, 0));
  schedule.changed();
  EXPECT_EQ(schedule.next_look(start + 1s), start + 1s);
  look(schedule, start + 1s);
  EXPECT_FALSE(schedule.begin_look(start + 2s, 0));
}

TEST(QueueSchedule, ChangeDuringALookIsNotMissed) {
  QueueSchedule schedule(10);
  const auto begun = schedule.begin_look(start, 0);
  schedule.changed();
  EXPECT_FALSE(schedule.begin_look(start, 0)) << "one at a time";
  schedule.end_look(*begun, 0, std::nullopt, start);
  EXPECT_FALSE(schedule.is_quiet());
  EXPECT_TRUE(schedule.begin_look(start, 0));
}

TEST(QueueSchedule, WhatIsHeldDuringALookIsNotMissed) {
  QueueSchedule schedule(10);
  const auto begun = schedule.begin_look(start, 0);
  schedule.held(start + 3s);
  schedule.held(start + 2s);
  schedule.end_look(*begun, 0, start + 5s, start);
  EXPECT_EQ(schedule.next_look(start), start + 2s);
  look(schedule, start + 2s);
  EXPECT_EQ(schedule.next_look(start + 2s), start + 2s + QueueSchedule::rescan_interval);
}

TEST(QueueSchedule, FullHandsAreNoLookAndAFullLookIsFollowedByAnother) {
  QueueSchedule schedule(10);
  EXPECT_FALSE(schedule.begin_look(start, 10));
  EXPECT_FALSE(schedule.begin_look(start, 9)) << "not for a single one";
  EXPECT_TRUE(QueueSchedule(1).begin_look(start, 0));
  const auto begun = schedule.begin_look(start, 7);
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->limit, 3U);
  schedule.end_look(*begun, 3, std::nullopt, start);
  EXPECT_TRUE(schedule.begin_look(start, 8));
  EXPECT_EQ(QueueSchedule(1000).begin_look(start, 0)->limit, QueueSchedule::largest_claim);
}

TEST(QueueSchedule, LooksWhenWhatIsHeldIsDueAndAfterAWhileInAnyCase) {
  QueueSchedule schedule(10);
  look(schedule, start, 0, start + 5s);
  EXPECT_EQ(schedule.next_look(start), start + 5s);
  schedule.held(start + 2s);
  EXPECT_EQ(schedule.next_look(start), start + 2s);
  EXPECT_TRUE(schedule.begin_look(start + 2s, 0));
  QueueSchedule other(10);
  look(other, start, 0, start + 24h);
  EXPECT_EQ(other.next_look(start), start + QueueSchedule::rescan_interval);
  EXPECT_TRUE(other.begin_look(start + QueueSchedule::rescan_interval, 0));
}

TEST(QueueSchedule, ClockThatWasSetBackDoesNotPutTheNextLookFarOff) {
  QueueSchedule schedule(10);
  look(schedule, start + 24h);
  EXPECT_TRUE(schedule.begin_look(start, 0));
}

TEST(StoredTimes, AreBelievedAsFarAsAScheduleReaches) {
  RetrySchedule retry;
  const auto longest = longest_hold(retry, std::chrono::minutes{5});
  EXPECT_GE(longest, std::chrono::hours{2});
}

}  // namespace
}  // namespace postern::spooler
