// Mail that a transport brings in, late reports say (mapi-submission.md §8.5).
#include <atomic>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/spooler/spooler_fixture.h"

namespace postern::spooler {
namespace {

using testing::ElementsAre;

class Inbound : public test::SpoolerTest {
 protected:
  static mapi::InboundMessage late_report(const std::string& subject) {
    mapi::InboundMessage inbound;
    auto& report = inbound.message;
    report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
    report.set(mapi::PR_SUBJECT, subject);
    return inbound;
  }
  std::vector<std::string> subjects_in_the_inbox() {
    std::vector<std::string> subjects;
    for (const auto& report : store.inbox()) {
      subjects.emplace_back(report.get_or(mapi::PR_SUBJECT, ""));
    }
    return subjects;
  }
  void wait_until_all_is_stored() {
    const auto end = test::soon();
    while (transport.inbound_left() != 0 && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
  }
};

TEST_F(Inbound, ComesInItsOrderUntilThereIsNone) {
  transport.inbound = {late_report("one"), late_report("two")};
  const Spooler spooler(store, {&transport}, options, observer);
  transport.support().new_mail();
  transport.support().new_mail();
  wait_until_all_is_stored();
  EXPECT_THAT(subjects_in_the_inbox(), ElementsAre("one", "two"));
}

TEST_F(Inbound, WhatTheStoreCannotTakeNowItTakesLaterAndOnce) {
  options.first_rest = std::chrono::milliseconds{1};
  store.receive_failure = mapi::MAPI_E_NOT_ENOUGH_DISK;
  transport.inbound = {late_report("one"), late_report("two")};
  const Spooler spooler(store, {&transport}, options, observer);
  transport.support().new_mail();
  wait_until_all_is_stored();
  EXPECT_THAT(subjects_in_the_inbox(), ElementsAre("one", "two"));
}

TEST_F(Inbound, WhatTheStoreHadNoRoomForAndThenRefusesDoesNotKeepLaterMailOut) {
  options.first_rest = std::chrono::milliseconds{1};
  std::promise<void> refused;
  std::atomic<int> recovered = 0;
  observer.exhausted = [this](const std::string&) {
    store.receive_failure = mapi::MAPI_E_CORRUPT_DATA;
  };
  observer.recovered = [&recovered] { ++recovered; };
  observer.trouble = [&refused](const mapi::EntryId&, const std::string&) { refused.set_value(); };
  store.receive_failure = mapi::MAPI_E_NOT_ENOUGH_DISK;
  transport.inbound = {late_report("one")};
  const Spooler spooler(store, {&transport}, options, observer);
  transport.support().new_mail();
  ASSERT_EQ(refused.get_future().wait_for(test::long_enough), std::future_status::ready);
  EXPECT_EQ(recovered, 1) << "nothing waits for room";
  transport.support().new_mail();
  wait_until_all_is_stored();
  EXPECT_THAT(subjects_in_the_inbox(), ElementsAre("one"));
}

}  // namespace
}  // namespace postern::spooler
