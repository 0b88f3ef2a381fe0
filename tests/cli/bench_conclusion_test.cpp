#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/bench/conclusion.h"

namespace postern::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Timings every(double milliseconds, double per_second) {
  return {1000, per_second, milliseconds, 2 * milliseconds};
}
Timings every(double milliseconds) {
  return every(milliseconds, 1000 / milliseconds);
}

/// A sync takes 1 ms, and threads share them.
StoreFigures slow_disk() {
  return {.sync = every(1),
          .alone = every(1.25),
          .together = every(2.5, 4000),
          .threads = 10,
          .cores = 0.3};
}
/// With a server whose commits take 2 ms.
StoreFigures database(double round_trip_ms) {
  StoreFigures store = slow_disk();
  store.is_database = true;
  store.round_trip = every(round_trip_ms);
  store.sync = every(2);
  store.alone = every(3);
  return store;
}
RelayFigures relay(double round_trip_ms) {
  return {.round_trip = every(round_trip_ms), .pipelining = true, .sessions = 10, .sent = {}};
}

void expect_one_sentence(const std::string& text) {
  EXPECT_TRUE(text.ends_with('.')) << text;
  EXPECT_EQ(text.find(". "), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

TEST(BenchConclusion, AStoreCarriesHalfOfWhatIsSubmittedAtOnce) {
  const Conclusion found = conclude(slow_disk(), std::nullopt);
  EXPECT_EQ(found.limit, "disk");
  EXPECT_EQ(found.store_carries, 2000);
  EXPECT_FALSE(found.relay_carries);
  EXPECT_EQ(found.sentence,
            "The disk limits, where a sync takes 1.00 ms; 10 threads, which share syncs, submit "
            "some 4,000 a second (5.00 times what one does), and since a verdict costs a message "
            "about what its submission does, this store carries some 2,000 a second from "
            "submission to verdict.");
  expect_one_sentence(found.sentence);
}

TEST(BenchConclusion, WhatKeepsAProcessorBusyIsLimitedByIt) {
  StoreFigures store = slow_disk();
  store.cores = 0.9;
  const Conclusion found = conclude(store, std::nullopt);
  EXPECT_EQ(found.limit, "processor");
  EXPECT_THAT(found.sentence, StartsWith("The processor limits, not the disk: submitting keeps "
                                         "90.0 % of a core busy where a sync takes 1.00 ms; "));
}

TEST(BenchConclusion, OfADatabaseTheDiskTheWayOrTheProcessorsLimit) {
  const Conclusion disk = conclude(database(0.2), std::nullopt);
  EXPECT_EQ(disk.limit, "disk");
  EXPECT_THAT(disk.sentence,
              StartsWith("The database's disk limits, where a commit takes 2.00 ms"));
  const Conclusion way = conclude(database(1.5), std::nullopt);
  EXPECT_EQ(way.limit, "network");
  EXPECT_THAT(way.sentence, StartsWith("The way to the database limits"));
  StoreFigures working = database(0.2);
  working.alone = every(5);
  const Conclusion processors = conclude(working, std::nullopt);
  EXPECT_EQ(processors.limit, "processor");
  EXPECT_THAT(processors.sentence, HasSubstr("here or at the database"));
  for (const auto& found : {disk, way, processors}) expect_one_sentence(found.sentence);
}

TEST(BenchConclusion, ARelayIsBoundByItsRoundTrip) {
  EXPECT_EQ(waits_of_a_message({.pipelining = true}), 1U);
  EXPECT_EQ(waits_of_a_message({.pipelining = false}), 4U);
  const Conclusion near = conclude(slow_disk(), relay(1));
  EXPECT_EQ(near.limit, "disk");
  EXPECT_EQ(near.relay_carries, 10'000);
  EXPECT_THAT(near.sentence, HasSubstr("the relay takes at most some 10,000 a second by 10 "
                                       "sessions, because a message waits for 1 round trip of "
                                       "1.00 ms"));
  const Conclusion far = conclude(slow_disk(), relay(50));
  EXPECT_EQ(far.limit, "relay");
  EXPECT_EQ(far.relay_carries, 200);
  EXPECT_EQ(far.sentence,
            "The relay limits: a message waits for 1 round trip of 50.0 ms, so 10 sessions carry "
            "some 200 a second at most; the store would carry some 2,000 a second from submission "
            "to verdict.");
  RelayFigures step_by_step = relay(50);
  step_by_step.pipelining = false;
  EXPECT_EQ(conclude(slow_disk(), step_by_step).relay_carries, 50);
  for (const auto& found : {near, far}) expect_one_sentence(found.sentence);
}

TEST(BenchConclusion, WhatWasSentCountsMoreThanARoundTrip) {
  RelayFigures sent = relay(1);
  sent.sent = every(80, 120);
  const Conclusion found = conclude(slow_disk(), sent);
  EXPECT_EQ(found.limit, "relay");
  EXPECT_EQ(found.relay_carries, 120);
  EXPECT_THAT(found.sentence, StartsWith("The relay limits: by 10 sessions it took some 120 a "
                                         "second and answered each after 80.0 ms; the store"));
  sent.sent = Timings{};  // the first one was refused
  EXPECT_EQ(conclude(slow_disk(), sent).relay_carries, 10'000);
}

TEST(BenchConclusion, NothingIsSaidToLimitWhereThereIsNothingToCompare) {
  const Conclusion alone = conclude({}, relay(50));
  EXPECT_EQ(alone.limit, "");
  EXPECT_THAT(alone.sentence, StartsWith("The relay takes at most some 200 a second"));
  StoreFigures commits = database(0.2);
  commits.alone = commits.together = std::nullopt;
  const Conclusion without = conclude(commits, std::nullopt);
  EXPECT_EQ(without.limit, "");
  EXPECT_FALSE(without.store_carries);
  EXPECT_THAT(without.sentence, StartsWith("Submissions were not measured; one connection makes "
                                           "some 500 commits a second"));
  const Conclusion nothing = conclude({}, std::nullopt);
  EXPECT_EQ(nothing.limit, "");
  for (const auto& found : {alone, without, nothing}) expect_one_sentence(found.sentence);
}

}  // namespace
}  // namespace postern::cli
