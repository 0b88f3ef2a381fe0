// An operator's hold (MsgStore::set_on_hold) and retry_now, which every logon may use.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/store/conformance/conformance_fixture.h"

namespace postern::store::test {
namespace {

using mapi::Access;
using mapi::EntryId;
using mapi::FileTime;
using mapi::LockState;

class OnHold : public Conformance {
 protected:
  static constexpr FileTime later{FileTime{}.ticks + 1'000'000};
  static constexpr FileTime much_later{later.ticks + 1'000'000};

  OnHold() : entry(submit()) {}

  void log_spooler_on_again() {
    spooler.reset();
    log_spooler_on();
  }

  [[nodiscard]] std::size_t claimed(FileTime now = FileTime::now()) const {
    return spooler->claim(now, 10).size();
  }
  [[nodiscard]] mapi::OutgoingQueueRow row() const { return client->queue_row(entry).value(); }

  EntryId entry;
};
POSTERN_WITH_EACH_STORE(OnHold);

TEST_P(OnHold, IsNotClaimedUntilReleased) {
  log_spooler_on();
  Told told;
  const auto subscription = client->advise(told.observer());
  client->set_on_hold(entry, true);
  client->set_on_hold(entry, true);
  EXPECT_TRUE(told.of_queue(mapi::QueueEvent::row_modified, entry));
  EXPECT_TRUE(row().on_hold);
  EXPECT_EQ(claimed(), 0U);
  EXPECT_FALSE(spooler->next_due());
  client->set_on_hold(entry, false);
  EXPECT_FALSE(row().on_hold);
  EXPECT_EQ(claimed(), 1U);
}

TEST_P(OnHold, StaysSoOverTheEndOfLogons) {
  log_spooler_on();
  client->set_on_hold(entry, true);
  client = provider->logon();
  log_spooler_on_again();
  EXPECT_TRUE(row().on_hold);
  EXPECT_EQ(claimed(), 0U);
}

TEST_P(OnHold, IsNeitherRetriedNorTakenUpByAnotherHold) {
  log_spooler_on();
  spooler->set_lock_state(entry, LockState::locked);
  client->set_on_hold(entry, true);
  spooler->hold(entry, later);
  client->retry_now();
  client->retry_now(entry);
  EXPECT_EQ(claimed(), 0U);
  spooler->set_lock_state(entry, LockState::locked);
  spooler->hold(entry, std::nullopt);
  EXPECT_TRUE(row().on_hold);
  EXPECT_FALSE(row().held_without_end);
  log_spooler_on_again();
  EXPECT_EQ(claimed(), 0U);
}

TEST_P(OnHold, OutlivesWhatTheSpoolerSavesMeanwhile) {
  log_spooler_on();
  spooler->set_lock_state(entry, LockState::locked);
  client->set_on_hold(entry, true);
  const auto handle = spooler->open_entry(entry, Access::modify);
  handle->edit().set(mapi::PR_POSTERN_NEXT_ATTEMPT, later);
  handle->save_changes();
  spooler->set_lock_state(entry, LockState::unlocked);
  EXPECT_TRUE(row().on_hold);
  EXPECT_EQ(row().next_attempt, later);
  EXPECT_EQ(claimed(), 0U);
}

TEST_P(OnHold, ReleasedItWaitsForWhatItWaitedForBefore) {
  log_spooler_on();
  auto deferred = letter();
  deferred.set(mapi::PR_DEFERRED_SEND_TIME, much_later);
  entry = client->submit(outbox(), std::move(deferred));
  const auto other = client->submit(outbox(), letter());
  spooler->set_lock_state(other, LockState::locked);
  spooler->hold(other, much_later);
  for (const auto& held : {entry, other}) {
    client->set_on_hold(held, true);
    client->set_on_hold(held, false);
  }
  EXPECT_EQ(claimed(later), 1U);  // the fixture's
  EXPECT_EQ(claimed(much_later), 2U);
}

TEST_P(OnHold, CanBeCancelled) {
  client->set_on_hold(entry, true);
  client->abort_submit(entry);
  EXPECT_FALSE(client->queue_row(entry));
  EXPECT_EQ(code_of([&] { client->set_on_hold(entry, true); }), mapi::MAPI_E_NOT_IN_QUEUE);
  EXPECT_EQ(code_of([&] { client->set_on_hold(entry, false); }), mapi::MAPI_E_NOT_IN_QUEUE);
}

TEST_P(OnHold, SubmittedAnewItIsNotOnHold) {
  client->set_on_hold(entry, true);
  client->abort_submit(entry);
  client->open_entry(entry, Access::modify)->submit_message();
  EXPECT_FALSE(row().on_hold);
}

TEST_P(OnHold, KeptByATransportItIsNoLongerHeldWithoutEnd) {
  log_spooler_on();
  spooler->set_lock_state(entry, LockState::locked);
  spooler->hold(entry, std::nullopt);
  EXPECT_TRUE(row().held_without_end);
  client->set_on_hold(entry, true);
  EXPECT_FALSE(row().held_without_end);
  client->set_on_hold(entry, false);
  EXPECT_EQ(claimed(), 1U);
}

TEST_P(OnHold, ReleaseOfWhatIsNotOnHoldChangesNothing) {
  log_spooler_on();
  spooler->set_lock_state(entry, LockState::locked);
  spooler->hold(entry, std::nullopt);
  client->set_on_hold(entry, false);
  EXPECT_TRUE(row().held_without_end);
}

TEST_P(OnHold, AClientMayHaveWhatIsHeldTriedNow) {
  log_spooler_on();
  spooler->set_lock_state(entry, LockState::locked);
  spooler->hold(entry, much_later);
  EXPECT_EQ(claimed(later), 0U);
  client->retry_now(entry);
  EXPECT_EQ(claimed(later), 1U);
  EXPECT_EQ(code_of([&] { client->retry_now(client->folder(mapi::SpecialFolder::inbox)); }),
            mapi::MAPI_E_INVALID_ENTRYID);
}

TEST_P(OnHold, OnlyWhatWaitsForItsNextAttemptAloneHasOneBeyondATime) {
  const auto beyond = [this](FileTime latest, FileTime now) {
    return client->attempts_beyond(latest, now, 10);
  };
  const FileTime now{later.ticks + 1};
  auto deferred = letter();
  deferred.set(mapi::PR_DEFERRED_SEND_TIME, much_later);
  submit(deferred);
  const auto in_time = submit();
  const auto without_end = submit();
  log_spooler_on();
  for (const auto& one : {entry, in_time, without_end}) {
    spooler->set_lock_state(one, LockState::locked);
  }
  spooler->hold(entry, much_later);
  spooler->hold(in_time, later);
  spooler->hold(without_end, std::nullopt);
  EXPECT_EQ(beyond(later, now), std::vector{entry});
  EXPECT_TRUE(client->attempts_beyond(later, now, 0).empty());
  EXPECT_TRUE(beyond(much_later, now).empty());
  client->set_on_hold(entry, true);
  EXPECT_TRUE(beyond(later, now).empty()) << "an operator wants it to wait";
  client->set_on_hold(entry, false);
  client->retry_now(entry);
  EXPECT_TRUE(beyond(later, now).empty());
}

/// Claims run beside each other and beside what ends a lock.
class Claiming : public Conformance {
 protected:
  static constexpr std::chrono::hours long_time{1};

  /// Holds what it claims, until it is told to stop.
  void hold_what_is_claimed() {
    while (!is_enough) {
      for (const auto& claim : spooler->claim(FileTime::now(), 10)) {
        spooler->hold(claim.entry, FileTime::now() + long_time);
        ++claims;
      }
    }
  }

  std::atomic<bool> is_enough = false;
  std::atomic<int> claims = 0;
};
POSTERN_WITH_EACH_STORE(Claiming);

TEST_P(Claiming, TakesNothingThatWasHeldSinceItWasSeen) {
  constexpr int rounds = 100;
  const auto entry = submit();
  log_spooler_on();
  spooler->set_lock_state(entry, LockState::locked);
  spooler->hold(entry, FileTime::now() + long_time);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([this] { hold_what_is_claimed(); });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  for (int round = 1; round <= rounds && claims == round - 1; ++round) {
    client->retry_now(entry);
    while (claims < round && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  }
  is_enough = true;
  threads.clear();
  EXPECT_EQ(claims, rounds);
}

}  // namespace
}  // namespace postern::store::test
