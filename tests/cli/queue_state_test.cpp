#include "cli/output/queue_state.h"

#include <gtest/gtest.h>

#include "mapi/property_tags.h"

namespace postern::cli {
namespace {

constexpr mapi::FileTime before{99};
constexpr mapi::FileTime looked_at{100};
constexpr mapi::FileTime after{101};

TEST(QueueState, IsReadyWhenNothingIsWaitedFor) {
  mapi::OutgoingQueueRow row;
  EXPECT_EQ(state_of(row, looked_at, true), QueueState::ready);
  row.next_attempt = looked_at;
  row.deferred_send_time = before;
  EXPECT_EQ(state_of(row, looked_at, true), QueueState::ready);
  EXPECT_FALSE(waits_until(row, QueueState::ready));
}

TEST(QueueState, IsTheFirstThatApplies) {
  mapi::OutgoingQueueRow row;
  row.next_attempt = after;
  EXPECT_EQ(state_of(row, looked_at, true), QueueState::held);
  EXPECT_EQ(waits_until(row, QueueState::held), after);
  row.deferred_send_time = mapi::FileTime{200};
  EXPECT_EQ(state_of(row, looked_at, true), QueueState::deferred);
  EXPECT_EQ(waits_until(row, QueueState::deferred), mapi::FileTime{200});
  row.held_without_end = true;
  EXPECT_EQ(state_of(row, looked_at, true), QueueState::kept);
  row.on_hold = true;
  EXPECT_EQ(state_of(row, looked_at, true), QueueState::on_hold);
  row.submit_flags = mapi::SUBMITFLAG_LOCKED;
  EXPECT_EQ(state_of(row, looked_at, true), QueueState::sending);
  EXPECT_EQ(state_text(row, QueueState::sending), "sending");
}

TEST(QueueState, NothingIsKeptWhereNoSpoolerRuns) {
  mapi::OutgoingQueueRow row;
  row.held_without_end = true;
  EXPECT_EQ(state_of(row, looked_at, false), QueueState::ready);
}

}  // namespace
}  // namespace postern::cli
