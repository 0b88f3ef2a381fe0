#include "cli/output/queue_state.h"

#include <gtest/gtest.h>

#include "mapi/property_tags.h"

namespace postern::cli {
namespace {

constexpr mapi::FileTime forenoon{99};
constexpr mapi::FileTime noon{100};
constexpr mapi::FileTime afternoon{101};

TEST(QueueState, IsReadyWhenNothingIsWaitedFor) {
  mapi::OutgoingQueueRow row;
  EXPECT_EQ(state_of(row, noon, true), QueueState::ready);
  row.next_attempt = noon;
  row.deferred_send_time = forenoon;
  EXPECT_EQ(state_of(row, noon, true), QueueState::ready);
  EXPECT_FALSE(waits_until(row, QueueState::ready));
}

TEST(QueueState, IsTheFirstThatApplies) {
  mapi::OutgoingQueueRow row;
  row.next_attempt = afternoon;
  EXPECT_EQ(state_of(row, noon, true), QueueState::held);
  EXPECT_EQ(waits_until(row, QueueState::held), afternoon);
  row.deferred_send_time = mapi::FileTime{200};
  EXPECT_EQ(state_of(row, noon, true), QueueState::deferred);
  EXPECT_EQ(waits_until(row, QueueState::deferred), mapi::FileTime{200});
  row.held_without_end = true;
  EXPECT_EQ(state_of(row, noon, true), QueueState::kept);
  row.on_hold = true;
  EXPECT_EQ(state_of(row, noon, true), QueueState::on_hold);
  row.submit_flags = mapi::SUBMITFLAG_LOCKED;
  EXPECT_EQ(state_of(row, noon, true), QueueState::sending);
  EXPECT_EQ(state_text(row, QueueState::sending), "sending");
}

TEST(QueueState, NothingIsKeptWhereNoSpoolerRuns) {
  mapi::OutgoingQueueRow row;
  row.held_without_end = true;
  EXPECT_EQ(state_of(row, noon, false), QueueState::ready);
}

}  // namespace
}  // namespace postern::cli
