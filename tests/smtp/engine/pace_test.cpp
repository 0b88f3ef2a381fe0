// How many connections a destination gets, what it gets in a time, and when it is left alone.
#include "smtp/engine/pace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/dialogue/verdict.h"

namespace postern::smtp {
namespace {

using namespace std::chrono_literals;

const SteadyTime start{1000h};

PaceOptions pauses(std::chrono::milliseconds first, std::chrono::milliseconds longest) {
  PaceOptions options;
  options.first_pause = first;
  options.longest_pause = longest;
  return options;
}

RouteFault fault(const std::string& text) {
  RouteFault why;
  why.outcome.text = text;
  return why;
}

TEST(RateLimit, WithoutABoundThereIsAlwaysRoom) {
  RateLimit limit({0, 1s});
  limit.took(1'000'000, start);
  EXPECT_LE(limit.next(), start);
}

TEST(RateLimit, AllAtOnceThenOneByOne) {
  RateLimit limit({4, 1s});
  for (int message = 0; message < 4; ++message) {
    EXPECT_LE(limit.next(), start) << message;
    limit.took(1, start);
  }
  EXPECT_EQ(limit.next(), start + 250ms);
  limit.took(1, start + 250ms);
  EXPECT_EQ(limit.next(), start + 500ms);
  EXPECT_EQ(limit.next(), start + 500ms) << "asking takes nothing";
}

TEST(RateLimit, WhatIsNotUsedComesBackUpToTheBound) {
  RateLimit limit({4, 1s});
  limit.took(4, start);
  for (int message = 0; message < 4; ++message) {
    EXPECT_LE(limit.next(), start + 1h);
    limit.took(1, start + 1h);
  }
  EXPECT_GT(limit.next(), start + 1h);
}

TEST(RateLimit, WhoeverTakesMoreThanTheRoomMakesTheNextWaitLonger) {
  RateLimit limit({10, 1s});
  EXPECT_LE(limit.next(), start);
  limit.took(30, start);
  EXPECT_EQ(limit.next(), start + 2100ms);
}

TEST(RateLimit, MillenniaAreWaitedForLikeACentury) {
  for (const std::chrono::milliseconds per : {24h * 1'000'000, 24h * 400'000'000}) {
    RateLimit limit({1, per});
    for (int message = 0; message < 4; ++message) {
      limit.took(1'000'000, start);
      EXPECT_GT(limit.next(), start + 24h * 365 * 99) << per.count();
      EXPECT_LT(limit.next(), start + 24h * 365 * 101) << per.count();
    }
  }
}

TEST(Pace, OpensByOneForEachMessageUntilItIsPushedBack) {
  PaceOptions options;
  options.first_connections = 2;
  Pace pace(options, 4);
  EXPECT_EQ(pace.connections(), 2U);
  pace.worked();
  EXPECT_EQ(pace.connections(), 3U);
  pace.worked();
  pace.worked();
  EXPECT_EQ(pace.connections(), 4U) << "the most there may be";
}

TEST(Pace, PushBackClosesByOneAndOpeningIsSlowFromThenOn) {
  PaceOptions options;
  options.first_connections = 4;
  Pace pace(options, 100);
  EXPECT_FALSE(pace.pushed_back(fault("later"), start));
  EXPECT_EQ(pace.connections(), 3U);
  for (int message = 0; message < 3; ++message) pace.worked();
  EXPECT_EQ(pace.connections(), 3U);
  pace.worked();
  EXPECT_EQ(pace.connections(), 4U);
}

TEST(Pace, RefusedConnectionLeavesThoseThatAreOpen) {
  PaceOptions options;
  options.first_connections = 8;
  Pace pace(options, 8);
  pace.refused_beside(3);
  EXPECT_EQ(pace.connections(), 3U);
  pace.refused_beside(0);
  EXPECT_EQ(pace.connections(), 1U) << "one is always allowed";
}

TEST(Pace, PushBackOnTheLastConnectionSuspends) {
  PaceOptions options = pauses(1s, 10s);
  options.first_connections = 1;
  Pace pace(options, 10);
  EXPECT_TRUE(pace.pushed_back(fault("too busy"), start));
  ASSERT_NE(pace.suspended(start), nullptr);
  EXPECT_EQ(pace.suspended(start)->outcome.text, "too busy");
  EXPECT_EQ(pace.suspended_until(), start + 1s);
  EXPECT_EQ(pace.suspended(start + 1s), nullptr);
  EXPECT_EQ(pace.connections(), 1U);
}

TEST(Pace, PausesDoubleUntilSomethingWorks) {
  Pace pace(pauses(1s, 5s), 10);
  for (const auto pause : {1s, 2s, 4s, 5s, 5s}) {
    pace.failed(fault("unreachable"), start);
    EXPECT_EQ(pace.suspended_until(), start + pause);
  }
  EXPECT_TRUE(pace.worked());
  EXPECT_EQ(pace.suspended(start), nullptr);
  EXPECT_FALSE(pace.worked()) << "it is told once";
  pace.failed(fault("unreachable"), start);
  EXPECT_EQ(pace.suspended_until(), start + 1s);
}

TEST(Pace, WhatAnOperatorHasToMendIsNotTriedAgainSoon) {
  Pace pace(pauses(1s, 300s), 10);
  RouteFault refused = fault("535 wrong password");
  refused.configuration = true;
  pace.failed(refused, start);
  EXPECT_EQ(pace.suspended_until(), start + 300s);
}

TEST(Pace, ResumedItMayBeTriedAtOnceAndItsRecoveryIsTold) {
  Pace pace(pauses(1s, 300s), 10);
  pace.failed(fault("unreachable"), start);
  pace.resume();
  EXPECT_EQ(pace.suspended(start), nullptr);
  EXPECT_TRUE(pace.worked());
}

TEST(Pace, AnyNumberOfFailuresMakesNoLongerPause) {
  Pace pace(pauses(1s, 300s), 10);
  for (int failure = 0; failure < 1000; ++failure) pace.failed(fault("gone"), start);
  EXPECT_EQ(pace.suspended_until(), start + 300s);
}

TEST(Pace, MessagesWaitForTheRateOfRecipientsToo) {
  PaceOptions options;
  options.recipients = {100, 1s};
  Pace pace(options, 10);
  pace.begins_message(150, start);
  EXPECT_EQ(pace.next_message(), start + 510ms);
}

Outcome reply(Stage stage, int code, EnhancedStatus status) {
  Outcome outcome;
  outcome.stage = stage;
  outcome.code = code;
  outcome.status = status;
  return outcome;
}

TEST(PushBack, IsWhatConcernsTheServerNotTheMessage) {
  EXPECT_TRUE(is_push_back(reply(Stage::rcpt, 421, {4, 0, 0})));
  EXPECT_TRUE(is_push_back(reply(Stage::mail, 451, {4, 3, 0})));
  EXPECT_TRUE(is_push_back(reply(Stage::mail, 450, {4, 7, 1})));
  EXPECT_TRUE(is_push_back(reply(Stage::end, 452, {4, 3, 1})));
  EXPECT_TRUE(is_push_back(reply(Stage::data, 450, {4, 4, 5})));
  EXPECT_FALSE(is_push_back(reply(Stage::rcpt, 450, {4, 2, 1})));
  EXPECT_FALSE(is_push_back(reply(Stage::rcpt, 451, {4, 7, 1}))) << "greylisting";
  EXPECT_FALSE(is_push_back(reply(Stage::end, 451, {4, 7, 1}))) << "of this content";
  EXPECT_FALSE(is_push_back(reply(Stage::mail, 450, {4, 1, 8}))) << "of this sender";
  EXPECT_FALSE(is_push_back(reply(Stage::mail, 550, {5, 3, 0})));
  EXPECT_FALSE(is_push_back(reply(Stage::connect, 0, {4, 4, 1})));
}

}  // namespace
}  // namespace postern::smtp
