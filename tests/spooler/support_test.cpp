#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "spooler/retry_schedule.h"
#include "spooler/run/offered_view.h"
#include "tests/spooler/memory_store.h"

namespace postern::spooler {
namespace {

using mapi::make_recipient;
using mapi::RecipientType;
using namespace std::chrono_literals;

TEST(RetrySchedule, RepeatsItsLastInterval) {
  RetrySchedule schedule;
  EXPECT_EQ(schedule.interval(0), 1min);
  EXPECT_EQ(schedule.interval(5), 2h);
  EXPECT_EQ(schedule.interval(500), 2h);
}

TEST(RetrySchedule, GivesUpAfterTheFirstAttemptAndNotBeforeOne) {
  const RetrySchedule schedule;
  const auto now = mapi::FileTime::now();
  mapi::Message message;
  message.set(mapi::PR_CLIENT_SUBMIT_TIME, now + -24h * 30);
  EXPECT_EQ(schedule.give_up_time(message, false, now), now + 24h * 5);
  EXPECT_EQ(schedule.give_up_time(message, true, now), now + -24h * 25);
  message.set(mapi::PR_POSTERN_FIRST_ATTEMPT, now + -24h);
  EXPECT_EQ(schedule.give_up_time(message, false, now), now + 24h * 4);
}

TEST(RetrySchedule, FarTimesAreComparedAsTheyAre) {
  const mapi::FileTime none{0x0CB34557A3DD4000};
  const mapi::FileTime in_9999{2'650'466'880'000'000'000};
  const auto now = mapi::FileTime::now();
  mapi::Message message;
  message.set(mapi::PR_LATEST_DELIVERY_TIME, in_9999);
  EXPECT_EQ(latest_delivery_time(message), in_9999);
  EXPECT_GT(in_9999, now + 24h * 366 * 7000);
  message.set(mapi::PR_LATEST_DELIVERY_TIME, none);
  EXPECT_FALSE(latest_delivery_time(message));
  RetrySchedule for_ever;
  for_ever.give_up_after = std::chrono::hours{24'000'000};
  EXPECT_GT(for_ever.give_up_time(message, false, now), now + 24h * 366 * 2700);
}

mapi::EntryId submit_to_two(test::MemoryStore& store) {
  mapi::Message message;
  message.recipients = {make_recipient(RecipientType::to, "a@example.com"),
                        make_recipient(RecipientType::to, "b@example.com")};
  return store.submit(store.folder(mapi::SpecialFolder::outbox), message);
}

TEST(OfferedView, ShowsOnlyOfferedRowsAsOpenAndMergesOnlyThem) {
  test::MemoryStore store;
  const auto entry = submit_to_two(store);
  const auto stored = store.open_entry(entry, mapi::Access::modify);
  OfferedView view(*stored, {1});
  EXPECT_EQ(view.message().recipients[0].get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_EQ(view.message().recipients[1].get(mapi::PR_RESPONSIBILITY), false);
  view.edit().recipients[1].set(mapi::PR_RESPONSIBILITY, true);
  view.edit().set(mapi::PR_INTERNET_MESSAGE_ID, "<id@example.com>");
  view.save_changes();
  const auto saved = store.message(entry);
  EXPECT_EQ(saved.recipients[0].get(mapi::PR_RESPONSIBILITY), false);
  EXPECT_EQ(saved.recipients[1].get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_EQ(saved.get(mapi::PR_INTERNET_MESSAGE_ID), "<id@example.com>");
  view.edit().recipients[1].set(mapi::PR_RESPONSIBILITY, false);
  view.save_changes();
  EXPECT_EQ(store.message(entry).recipients[1].get(mapi::PR_RESPONSIBILITY), true);
  view.edit().recipients.pop_back();
  EXPECT_THROW(view.save_changes(), mapi::Failure);
  const OfferedView again(*stored, {0, 1});
  EXPECT_EQ(again.message().recipients[0].get(mapi::PR_RESPONSIBILITY), false);
  EXPECT_EQ(again.message().recipients[1].get(mapi::PR_RESPONSIBILITY), true)
      << "what an offer before has settled is not offered again";
}

/// A transport saves after each transaction; a bounce of the first may come before the last.
TEST(OfferedView, ReportThatComesBackBetweenTwoSavesStays) {
  test::MemoryStore store;
  const auto entry = submit_to_two(store);
  const auto stored = store.open_entry(entry, mapi::Access::modify);
  OfferedView view(*stored, {0, 1});
  view.edit().recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  view.edit().set(mapi::PR_POSTERN_TRANSCRIPT, "first");
  view.save_changes();
  store.receive_report(
      entry,
      [](mapi::Message& about) {
        about.set(mapi::PR_POSTERN_TRANSCRIPT, "first, and a report");
        about.recipients[0].set(mapi::PR_POSTERN_REPORTED, 1);
      },
      mapi::Message{});
  for (int saves = 0; saves < 2; ++saves) {
    view.edit().recipients[1].set(mapi::PR_RESPONSIBILITY, true);
    view.save_changes();
  }
  const auto saved = store.message(entry);
  EXPECT_EQ(saved.recipients[0].get(mapi::PR_POSTERN_REPORTED), 1);
  EXPECT_EQ(saved.get(mapi::PR_POSTERN_TRANSCRIPT), "first, and a report");
  EXPECT_EQ(saved.recipients[1].get(mapi::PR_RESPONSIBILITY), true);
}

}  // namespace
}  // namespace postern::spooler
