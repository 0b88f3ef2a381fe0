// What the spooler does with messages it cannot process, and without resources.
#include <atomic>
#include <cerrno>
#include <exception>
#include <future>
#include <new>
#include <system_error>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "tests/resource_limits.h"
#include "tests/spooler/spooler_fixture.h"

namespace postern::spooler {
namespace {

using test::MemoryStore;
using test::message_to;
using test::ScriptedTransport;
using test::soon;
using test::SpoolerTest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(SpoolerTest, AttemptThatAWrongClockHasPutFarOffIsMadeNow) {
  const auto entry = submit(message_to({"a@example.com"}));
  store.set_lock_state(entry, mapi::LockState::locked);
  store.hold(entry, mapi::FileTime::now() + std::chrono::hours{24 * 400});
  run();
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
}

TEST_F(SpoolerTest, TroubleWithOneMessageDoesNotStopTheOthers) {
  std::atomic<int> trouble = 0;
  observer.trouble = [&](const mapi::EntryId&, const std::string&) {
    ++trouble;
    store.save_failure = mapi::S_OK;
  };
  store.save_failure = mapi::MAPI_E_CORRUPT_DATA;
  submit(message_to({"a@example.com"}));
  run();
  EXPECT_EQ(trouble, 1);
}

TEST_F(SpoolerTest, MessageThatATransportWantsLaterIsNotTakenForOneOfAWrongClock) {
  options.retry.intervals = {std::chrono::hours{1}};
  store.reading_takes = std::chrono::milliseconds{100};
  transport.answers = {{mapi::MAPI_E_WAIT, std::chrono::hours{3}}};
  const auto entry = submit(message_to({"a@example.com"}));
  {
    Spooler spooler(store, {&transport}, options, observer);
    EXPECT_TRUE(spooler.wait_idle(soon()));
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
  EXPECT_TRUE(store.queue_row(entry)) << "it was offered again, though it was held";
}

TEST_F(SpoolerTest, MessageThatCannotBeOpenedIsUnlockedAndItsNeighbourIsSent) {
  options.retry.intervals = {std::chrono::hours{1}};
  options.sessions = 1;
  store.open_failure = mapi::MAPI_E_CORRUPT_DATA;
  const auto damaged = submit(message_to({"a@example.com"}));
  submit(message_to({"b@example.com"}));
  Spooler spooler(store, {&transport}, options, observer);
  EXPECT_TRUE(spooler.wait_idle(soon()));
  EXPECT_THAT(transport.offered(), testing::ElementsAre("b@example.com"));
  ASSERT_TRUE(store.queue_row(damaged));
  EXPECT_EQ(store.queue_row(damaged)->submit_flags, 0);
  store.abort_submit(damaged);
  EXPECT_TRUE(spooler.wait_empty(soon()));
}

TEST_F(SpoolerTest, WhatATransportThrowsFromEndMessageIsTroubleWithThatMessageOnly) {
  transport.end_failures = {{mapi::MAPI_E_CALL_FAILED, "the transport has lost its mind"}};
  submit(message_to({"bad@example.com"}));
  submit(message_to({"b@example.com"}));
  transport.script["bad@example.com"] = {Verdict::failed};
  run();
  EXPECT_EQ(transport.calls(), 2) << "what was settled is not offered again";
  EXPECT_EQ(store.inbox().size(), 1U);
}

TEST_F(SpoolerTest, MessageThatCannotBeFinishedIsTroubleWithThatMessageOnly) {
  store.finish_failure = mapi::MAPI_E_CORRUPT_STORE;
  submit(message_to({"a@example.com"}));
  submit(message_to({"b@example.com"}));
  run();
  EXPECT_EQ(transport.calls(), 2);
}

TEST_F(SpoolerTest, DiskThatATransportCannotUseIsNotTheStores) {
  transport.failures = {
      std::make_exception_ptr(mapi::Failure(mapi::MAPI_E_DISK_ERROR, "its mailboxes are away"))};
  const auto entry = submit(message_to({"a@example.com"}));
  run();
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
}

TEST_F(SpoolerTest, SecondAnswerToOneOfferIsNone) {
  transport.answers_twice = true;
  submit(message_to({"a@example.com"}));
  submit(message_to({"b@example.com"}));
  run();
  EXPECT_EQ(transport.ends(), 2);
}

TEST_F(SpoolerTest, ClaimedMessagesAreSentWhateverFailsBehindTheClaim) {
  options.first_rest = std::chrono::milliseconds{1};
  store.due_failure = mapi::MAPI_E_NOT_ENOUGH_RESOURCES;
  const auto entry = submit(message_to({"a@example.com"}));
  run();
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
}

TEST_F(SpoolerTest, TroubleThatDoesNotEndIsTriedLessAndLessAndThenReportedByName) {
  const auto damage =
      std::make_exception_ptr(mapi::Failure(mapi::MAPI_E_CORRUPT_DATA, "attachment 1 is damaged"));
  transport.failures.assign(100, damage);
  options.retry.intervals = {std::chrono::milliseconds{10}, std::chrono::hours{1}};
  options.retry.give_up_after = std::chrono::milliseconds{300};
  submit(message_to({"a@example.com"}));
  run();
  EXPECT_EQ(transport.calls(), 2)
      << "at once and 10 ms later; an hour later is behind the deadline";
  const auto reports = store.inbox();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].recipients[0].get(mapi::PR_NDR_STATUS_CODE), 447);
  EXPECT_THAT(std::string(reports[0].get_or(mapi::PR_BODY, "")),
              HasSubstr("attachment 1 is damaged"));
}

TEST_F(SpoolerTest, ReportIsMadeWithoutAnOriginalThatCannotBeEnclosed) {
  transport.script["bad@example.com"] = {Verdict::failed};
  store.enclosing_failure = mapi::MAPI_E_TOO_COMPLEX;
  submit(message_to({"bad@example.com"}));
  run();
  const auto reports = store.inbox();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_THAT(reports[0].attachments, IsEmpty());
  EXPECT_THAT(std::string(reports[0].get_or(mapi::PR_BODY, "")),
              HasSubstr("too damaged to be attached"));
  EXPECT_THAT(std::string(reports[0].get_or(mapi::PR_BODY, "")), HasSubstr("550 5.1.1"));
}

/// What it names is not lost with the first attempt to make it.
TEST_F(SpoolerTest, ReportThatCannotBeStoredNowIsMadeLater) {
  transport.script["bad@example.com"] = {Verdict::failed};
  store.report_failure = mapi::MAPI_E_NETWORK_ERROR;
  submit(message_to({"bad@example.com"}));
  run();
  const auto reports = store.inbox();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].recipients.size(), 1U);
  EXPECT_THAT(std::string(reports[0].get_or(mapi::PR_BODY, "")), HasSubstr("bad@example.com"));
}

/// What is told of something that has run out.
struct Told {
  std::atomic<int> exhausted = 0;
  std::atomic<int> recovered = 0;
  std::string sentence;

  void observe(SpoolerObserver& observer) {
    observer.exhausted = [this](const std::string& text) {
      sentence = text;
      ++exhausted;
    };
    observer.recovered = [this] { ++recovered; };
    observer.failed = [](const mapi::Failure& failure) { ADD_FAILURE() << failure.what(); };
    observer.trouble = [](const mapi::EntryId&, const std::string& text) { ADD_FAILURE() << text; };
  }
};

TEST_F(SpoolerTest, WhatHasRunOutIsNoAttemptAndIsSaidOnceAndMailGoesOn) {
  const std::vector lacks{
      std::make_exception_ptr(mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES, "no descriptor")),
      std::make_exception_ptr(mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_MEMORY, "no memory")),
      std::make_exception_ptr(std::bad_alloc()),
      std::make_exception_ptr(std::system_error(EMFILE, std::generic_category()))};
  options.first_rest = std::chrono::milliseconds{1};
  options.longest_rest = std::chrono::milliseconds{4};
  options.sessions = 1;
  for (const auto& lack : lacks) {
    Told told;
    told.observe(observer);
    std::vector<Verdict> when_recovered;
    mapi::EntryId entry;
    observer.recovered = [&] { when_recovered.push_back(verdict(entry, 0)); };
    transport.failures.assign(5, lack);
    entry = submit(message_to({"a@example.com"}));
    run();
    EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
    EXPECT_EQ(mapi::attempts(store.message(entry).recipients[0]), 1);
    EXPECT_EQ(store.message(entry).get_or(mapi::PR_POSTERN_RETRIES, 0), 0);
    EXPECT_EQ(told.exhausted, 1) << told.sentence;
    EXPECT_THAT(when_recovered, ElementsAre(Verdict::delivered)) << told.sentence;
  }
  EXPECT_EQ(transport.calls(), 4 * 6);
}

TEST_F(SpoolerTest, StoreThatHasRunOutOfSomethingIsTriedAgain) {
  options.first_rest = std::chrono::milliseconds{1};
  options.sessions = 1;
  for (auto* failure : {&store.open_failure, &store.queue_failure}) {
    Told told;
    told.observe(observer);
    *failure = mapi::MAPI_E_NOT_ENOUGH_RESOURCES;
    const auto entry = submit(message_to({"a@example.com"}));
    run();
    EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
    EXPECT_EQ(told.exhausted, 1);
    EXPECT_EQ(told.recovered, 1);
  }
}

TEST_F(SpoolerTest, WhatAServerHasAcceptedStaysSoWhateverFailsBeforeTheAnswer) {
  options.retry.intervals = {std::chrono::milliseconds{1}};
  transport.saves_itself = false;
  transport.work_failure = mapi::Failure(mapi::MAPI_E_CORRUPT_DATA, "a defect");
  const auto entry = submit(message_to({"a@example.com"}));
  run();
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
  EXPECT_EQ(transport.calls(), 1);
}

TEST_F(SpoolerTest, VerdictOfAMessageThatCannotBeFinishedIsSavedOnceThereIsRoom) {
  options.first_rest = std::chrono::milliseconds{1};
  options.retry.intervals = {std::chrono::milliseconds{1}};
  transport.saves_itself = false;
  store.finish_failure = mapi::MAPI_E_CORRUPT_DATA;
  store.save_failure = mapi::MAPI_E_NOT_ENOUGH_DISK;
  observer.exhausted = [this](const std::string&) { store.save_failure = mapi::S_OK; };
  const auto entry = submit(message_to({"a@example.com"}));
  run();
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
  EXPECT_EQ(transport.calls(), 1);
}

TEST_F(SpoolerTest, FullDiskIsWaitedOut) {
  options.first_rest = std::chrono::milliseconds{1};
  Told told;
  told.observe(observer);
  observer.exhausted = [&](const std::string&) {
    ++told.exhausted;
    store.save_failure = mapi::S_OK;
  };
  store.save_failure = mapi::MAPI_E_NOT_ENOUGH_DISK;
  const auto entry = submit(message_to({"a@example.com"}));
  run();
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
  EXPECT_EQ(told.exhausted, 1);
}

TEST_F(SpoolerTest, NothingIsBegunWhileSomethingIsExhausted) {
  transport.failures.push_back(
      std::make_exception_ptr(mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES, "no descriptor")));
  options.first_rest = std::chrono::hours{1};
  options.longest_rest = std::chrono::hours{1};
  options.sessions = 1;
  std::promise<void> told;
  observer.exhausted = [&told](const std::string&) { told.set_value(); };
  for (int message = 0; message < 20; ++message) submit(message_to({"waits@example.com"}));
  Spooler spooler(store, {&transport}, options, observer);
  ASSERT_EQ(told.get_future().wait_for(test::long_enough), std::future_status::ready);
  EXPECT_FALSE(spooler.wait_idle(std::chrono::steady_clock::now() + std::chrono::milliseconds{20}));
  EXPECT_EQ(transport.calls(), 1);
}

TEST_F(SpoolerTest, NotificationsMayComeWhileItBegins) {
  submit(message_to({"a@example.com"}));
  options.flush_at_start = true;
  std::jthread other_process([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) store.changed();
  });
  for (int time = 0; time < 20; ++time) Spooler(store, {&transport}, options).stop();
}

using postern::test::exit_with_threads;

TEST(SpoolerDeathTest, SendsWithTheThreadsThatItGets) {
  POSTERN_NEEDS_ROOT();
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer has a thread of its own, which counts";
#endif
  const auto send_with_three = [] {
    MemoryStore store;
    ScriptedTransport transport;
    SpoolerOptions options;
    options.sessions = 100;
    std::string said;
    SpoolerObserver observer;
    observer.exhausted = [&](const std::string& sentence) { said = sentence; };
    store.submit(store.folder(mapi::SpecialFolder::outbox), message_to({"a@example.com"}));
    Spooler spooler(store, {&transport}, options, observer);
    const bool sent = spooler.wait_empty(soon());
    return sent && said.starts_with("only 3 of 10 threads work: no more threads");
  };
  EXPECT_EXIT(exit_with_threads(3, send_with_three), testing::ExitedWithCode(0), "");
}

TEST(SpoolerDeathTest, WithoutAThreadThereIsASentence) {
  POSTERN_NEEDS_ROOT();
  const auto fail = [] {
    MemoryStore store;
    ScriptedTransport transport;
    try {
      const Spooler spooler(store, {&transport}, {});
    } catch (const mapi::Failure& failure) {
      const std::string sentence = failure.what();
      return failure.code() == mapi::MAPI_E_NOT_ENOUGH_RESOURCES &&
             sentence.find("ulimit -u") != std::string::npos;
    }
    return false;
  };
  EXPECT_EXIT(exit_with_threads(0, fail), testing::ExitedWithCode(0), "");
}

/// Its thread may be at work until then; the address sanitizer sees whom it speaks to.
TEST_F(SpoolerTest, TransportMaySpeakWhileItLogsOff) {
  transport.speaks_while_it_logs_off = true;
  const auto entry = submit(message_to({"a@example.com"}));
  run();
  EXPECT_EQ(verdict(entry, 0), Verdict::delivered);
}

}  // namespace
}  // namespace postern::spooler
