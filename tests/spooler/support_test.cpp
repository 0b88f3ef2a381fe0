#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "spooler/report/report.h"
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

TEST(Report, AP1RowReportsTheTypeOfItsTwin) {
  mapi::Message original;
  original.recipients = {make_recipient(RecipientType::cc, "a@example.com"),
                         make_recipient(RecipientType::p1, "a@example.com")};
  const auto report = make_report(ReportKind::non_delivery, original, {1}, Reporter{"h", {}, {}});
  EXPECT_EQ(report.recipients.at(0).get(mapi::PR_RECIPIENT_TYPE), 2);
  EXPECT_EQ(report.attachments.at(0).embedded->recipients.size(), 1U);
}

TEST(Report, ServerTextCannotMakeLinesOfItsOwnLookLikeOurs) {
  mapi::Message original;
  original.recipients = {make_recipient(RecipientType::to, "a@example.com")};
  mapi::set_outcome(original.recipients[0], {.verdict = Verdict::failed,
                                             .stage = Stage::rcpt,
                                             .code = 550,
                                             .status = {5, 7, 1},
                                             .text = "no\r\nbob@example.com\n  was delivered",
                                             .host = "mx",
                                             .time = {}});
  const auto report = make_report(ReportKind::non_delivery, original, {0}, Reporter{"h", {}, {}});
  const std::string body(report.get_or(mapi::PR_BODY, ""));
  EXPECT_NE(body.find("\r\n    bob@example.com\r\n"), std::string::npos) << body;
}

TEST(OfferedView, ShowsOnlyOfferedRowsAsOpenAndMergesOnlyThem) {
  test::MemoryStore store;
  mapi::Message message;
  message.recipients = {make_recipient(RecipientType::to, "a@example.com"),
                        make_recipient(RecipientType::to, "b@example.com")};
  const auto entry = store.submit(store.folder(mapi::SpecialFolder::outbox), message);
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

}  // namespace
}  // namespace postern::spooler
