// Where looks begin while much is locked, and that what becomes due before it is found.
#include "store/engine/look_start.h"

#include <chrono>

#include <gtest/gtest.h>

#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

using std::chrono::milliseconds;

constexpr LookStart::Time now{};
constexpr LookStart::Place passed{.ready = {7, 8}, .overdue = {5, 6}};

bool is_front(const LookStart::Place& place) {
  return place.ready.time == -1 && place.overdue.time == -1;
}

TEST(LookStart, IsTheFrontWhileLittleIsLocked) {
  LookStart start;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(is_front(start.begin(LookStart::few, now)));
    start.end(passed, now + milliseconds{10});
  }
  EXPECT_TRUE(is_front(start.next(LookStart::few)));
  EXPECT_FALSE(start.next_from_front(LookStart::few));
}

TEST(LookStart, IsBehindWhatIsLockedUntilALookFromTheFrontIsWorthIt) {
  LookStart start;
  constexpr auto much = LookStart::few + 1;
  EXPECT_TRUE(is_front(start.begin(much, now)));
  start.end(passed, now + milliseconds{10});
  EXPECT_EQ(start.next(much).ready.message, 8);
  EXPECT_EQ(start.begin(much, now + milliseconds{11}).overdue.time, 5);
  start.end({.ready = {9, 10}, .overdue = {5, 6}}, now + milliseconds{12});
  EXPECT_EQ(start.begin(much, now + milliseconds{209}).ready.time, 9);
  EXPECT_EQ(start.next_from_front(much), now + milliseconds{210});
  EXPECT_TRUE(is_front(start.begin(much, now + milliseconds{210})));
}

TEST(LookStart, IsTheFrontAgainAfterALookThatHasFailed) {
  LookStart start;
  constexpr auto much = LookStart::few + 1;
  EXPECT_TRUE(is_front(start.begin(much, now)));
  EXPECT_TRUE(is_front(start.begin(much, now))) << "the first was not ended";
}

class ManyLocked : public StoreTest {
 protected:
  static constexpr std::size_t count = LookStart::few + 200;

  void SetUp() override {
    client->submit_all(outbox(), std::vector<mapi::Message>(count, letter()));
    log_spooler_on();
    locked = spooler->claim(mapi::FileTime::now(), count);
    ASSERT_EQ(locked.size(), count);
  }
  /// What claims find within a minute; `next_due` never promises less.
  mapi::EntryId found_soon() {
    const auto end = mapi::FileTime::now() + std::chrono::minutes{1};
    while (mapi::FileTime::now() < end) {
      const auto claims = spooler->claim(mapi::FileTime::now(), 20);
      if (!claims.empty()) return claims.front().entry;
      const auto due = spooler->next_due();
      if (!due || *due >= end) break;
    }
    return {};
  }

  std::vector<mapi::MsgStore::Claim> locked;
};

TEST_F(ManyLocked, KeepNothingFromBeingFound) {
  for (int i = 0; i < 3; ++i) {
    const auto added = client->submit(outbox(), letter());
    EXPECT_EQ(spooler->claim(mapi::FileTime::now(), 20).at(0).entry, added);
    EXPECT_TRUE(spooler->claim(mapi::FileTime::now(), 20).empty());
  }
  const auto front = locked.at(3).entry;
  spooler->set_lock_state(front, mapi::LockState::unlocked);
  EXPECT_EQ(found_soon(), front);
}

TEST_F(ManyLocked, KeepNothingFromBeingTriedAgain) {
  const auto held = locked.at(3).entry;
  spooler->hold(held, mapi::FileTime::now() + std::chrono::hours{1});
  EXPECT_TRUE(spooler->claim(mapi::FileTime::now(), 20).empty());
  client->retry_now(held);
  EXPECT_EQ(found_soon(), held);
  spooler->hold(held, mapi::FileTime::now() + milliseconds{30});
  EXPECT_EQ(found_soon(), held);
}

}  // namespace
}  // namespace postern::store::test
