// How many connections a destination gets, what it gets in a time, and when it is left alone.
#include "smtp/engine/concurrency_limiter.h"

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

TEST(ConcurrencyLimiter, OpensByOneForEachMessageUntilItIsPushedBack) {
  PaceOptions options;
  options.first_connections = 2;
  ConcurrencyLimiter limiter(options, 4);
  EXPECT_EQ(limiter.connections(), 2U);
  limiter.on_success();
  EXPECT_EQ(limiter.connections(), 3U);
  limiter.on_success();
  limiter.on_success();
  EXPECT_EQ(limiter.connections(), 4U) << "the most there may be";
}

TEST(ConcurrencyLimiter, PushBackClosesByOneAndOpeningIsSlowFromThenOn) {
  PaceOptions options;
  options.first_connections = 4;
  ConcurrencyLimiter limiter(options, 100);
  EXPECT_FALSE(limiter.on_pushback(fault("later"), start));
  EXPECT_EQ(limiter.connections(), 3U);
  for (int message = 0; message < 3; ++message) limiter.on_success();
  EXPECT_EQ(limiter.connections(), 3U);
  limiter.on_success();
  EXPECT_EQ(limiter.connections(), 4U);
}

TEST(ConcurrencyLimiter, RefusedConnectionLeavesThoseThatAreOpen) {
  PaceOptions options;
  options.first_connections = 8;
  ConcurrencyLimiter limiter(options, 8);
  limiter.on_connection_refused(3);
  EXPECT_EQ(limiter.connections(), 3U);
  limiter.on_connection_refused(0);
  EXPECT_EQ(limiter.connections(), 1U) << "one is always allowed";
}

TEST(ConcurrencyLimiter, PushBackOnTheLastConnectionSuspends) {
  PaceOptions options = pauses(1s, 10s);
  options.first_connections = 1;
  ConcurrencyLimiter limiter(options, 10);
  EXPECT_TRUE(limiter.on_pushback(fault("too busy"), start));
  ASSERT_NE(limiter.suspended(start), nullptr);
  EXPECT_EQ(limiter.suspended(start)->outcome.text, "too busy");
  EXPECT_EQ(limiter.suspended_until(), start + 1s);
  EXPECT_EQ(limiter.suspended(start + 1s), nullptr);
  EXPECT_EQ(limiter.connections(), 1U);
}

TEST(ConcurrencyLimiter, PausesDoubleUntilSomethingWorks) {
  ConcurrencyLimiter limiter(pauses(1s, 5s), 10);
  for (const auto pause : {1s, 2s, 4s, 5s, 5s}) {
    limiter.on_failure(fault("unreachable"), start);
    EXPECT_EQ(limiter.suspended_until(), start + pause);
  }
  EXPECT_TRUE(limiter.on_success());
  EXPECT_EQ(limiter.suspended(start), nullptr);
  EXPECT_FALSE(limiter.on_success()) << "it is told once";
  limiter.on_failure(fault("unreachable"), start);
  EXPECT_EQ(limiter.suspended_until(), start + 1s);
}

TEST(ConcurrencyLimiter, WhatAnOperatorHasToMendIsNotTriedAgainSoon) {
  ConcurrencyLimiter limiter(pauses(1s, 300s), 10);
  RouteFault refused = fault("535 wrong password");
  refused.configuration = true;
  limiter.on_failure(refused, start);
  EXPECT_EQ(limiter.suspended_until(), start + 300s);
}

TEST(ConcurrencyLimiter, ResumedItMayBeTriedAtOnceAndItsRecoveryIsTold) {
  ConcurrencyLimiter limiter(pauses(1s, 300s), 10);
  limiter.on_failure(fault("unreachable"), start);
  limiter.resume();
  EXPECT_EQ(limiter.suspended(start), nullptr);
  EXPECT_TRUE(limiter.on_success());
}

TEST(ConcurrencyLimiter, AnyNumberOfFailuresMakesNoLongerPause) {
  ConcurrencyLimiter limiter(pauses(1s, 300s), 10);
  for (int failure = 0; failure < 1000; ++failure) limiter.on_failure(fault("gone"), start);
  EXPECT_EQ(limiter.suspended_until(), start + 300s);
}

TEST(ConcurrencyLimiter, MessagesWaitForTheRateOfRecipientsToo) {
  PaceOptions options;
  options.recipients = {100, 1s};
  ConcurrencyLimiter limiter(options, 10);
  limiter.on_message_begun(150, start);
  EXPECT_EQ(limiter.next_message(), start + 510ms);
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
