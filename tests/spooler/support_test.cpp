#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "spooler/offered_view.h"
#include "spooler/report.h"
#include "spooler/retry_schedule.h"
#include "spooler/store_support.h"
#include "tests/spooler/memory_store.h"

namespace postern::spooler {
namespace {

using mapi::make_recipient;
using mapi::RecipientType;
using namespace std::chrono_literals;

std::vector<std::string> addresses(const mapi::Message& message) {
  std::vector<std::string> result;
  for (const auto& row : message.recipients) {
    result.push_back(std::to_string(row.get_or(mapi::PR_RECIPIENT_TYPE, 0)) + ":" +
                     std::string(row.get_or(mapi::PR_EMAIL_ADDRESS, "")));
  }
  return result;
}

TEST(ExpandRecips, OfDuplicatesTheMostPublicRowStays) {
  mapi::Message message;
  message.recipients = {make_recipient(RecipientType::bcc, "a@example.com"),
                        make_recipient(RecipientType::cc, "A@Example.com"),
                        make_recipient(RecipientType::to, "b@example.com"),
                        make_recipient(RecipientType::to, "b@example.com")};
  DefaultStoreSupport().expand_recips(message);
  EXPECT_THAT(addresses(message), testing::ElementsAre("2:A@Example.com", "1:b@example.com"));
}

TEST(ExpandRecips, UnresolvedRowsAreNobodysDuplicates) {
  mapi::Message message;
  message.recipients.resize(2);
  DefaultStoreSupport().expand_recips(message);
  EXPECT_EQ(message.recipients.size(), 2U);
}

TEST(ExpandRecips, OneOffFillsInWhatIsMissing) {
  mapi::Message message;
  message.recipients.resize(1);
  message.recipients[0].set(mapi::PR_ENTRYID,
                            mapi::make_one_off({"Ann", "SMTP", "ann@example.com"}).bytes);
  DefaultStoreSupport().expand_recips(message);
  EXPECT_EQ(message.recipients[0].get(mapi::PR_ADDRTYPE), "SMTP");
  EXPECT_EQ(message.recipients[0].get(mapi::PR_EMAIL_ADDRESS), "ann@example.com");
  EXPECT_EQ(message.recipients[0].get(mapi::PR_DISPLAY_NAME), "Ann");
}

mapi::Message resend() {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_RESEND);
  auto served = make_recipient(RecipientType::to, "served@example.com");
  served.set(mapi::PR_RECIPIENT_TYPE, 1 | mapi::MAPI_SUBMITTED);
  message.recipients = {served, make_recipient(RecipientType::cc, "failed@example.com"),
                        make_recipient(RecipientType::p1, "failed@example.com"),
                        make_recipient(RecipientType::to, "new@example.com")};
  return message;
}

TEST(PrepareSubmit, ResendReachesOnlyThoseWhoDoNotHaveIt) {
  auto message = resend();
  DefaultStoreSupport().prepare_submit(message);
  std::vector<bool> settled;
  for (const auto& row : message.recipients) {
    settled.push_back(row.get_or(mapi::PR_RESPONSIBILITY, false));
  }
  EXPECT_THAT(settled, testing::ElementsAre(true, true, false, false));
  EXPECT_EQ(message.recipients[0].get(mapi::PR_RECIPIENT_TYPE), 1);
}

TEST(PrepareSubmit, ResendToNobodyIsRefused) {
  auto message = resend();
  message.recipients.resize(1);
  EXPECT_THROW(DefaultStoreSupport().prepare_submit(message), mapi::Failure);
}

TEST(PrepareSubmit, OtherMessagesAreLeftAlone) {
  auto message = resend();
  message.erase(mapi::PR_MESSAGE_FLAGS);
  const auto before = message.recipients;
  DefaultStoreSupport().prepare_submit(message);
  EXPECT_EQ(message.recipients, before);
}

TEST(DoSentMail, FollowsTheTable) {
  DefaultStoreSupport support;
  mapi::Message message;
  using SentMail = mapi::StoreSupport::SentMail;
  EXPECT_EQ(support.do_sent_mail(message), SentMail::keep);
  message.set(mapi::PR_SENTMAIL_ENTRYID, mapi::Binary{std::byte{1}});
  EXPECT_EQ(support.do_sent_mail(message), SentMail::move);
  message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  EXPECT_EQ(support.do_sent_mail(message), SentMail::remove);
}

TEST(RetrySchedule, RepeatsItsLastInterval) {
  RetrySchedule schedule;
  EXPECT_EQ(schedule.interval(0), 1min);
  EXPECT_EQ(schedule.interval(5), 2h);
  EXPECT_EQ(schedule.interval(500), 2h);
}

TEST(RetrySchedule, FarTimesAreComparedAsTheyAre) {
  const mapi::FileTime none{0x0CB34557A3DD4000};
  const mapi::FileTime in_9999{2'650'466'880'000'000'000};
  const auto now = mapi::FileTime::now();
  mapi::Message message;
  message.set(mapi::PR_CLIENT_SUBMIT_TIME, now);
  message.set(mapi::PR_LATEST_DELIVERY_TIME, in_9999);
  EXPECT_GT(RetrySchedule().deadline(message), now + 24h * 366 * 7000);
  message.set(mapi::PR_LATEST_DELIVERY_TIME, none);
  EXPECT_EQ(RetrySchedule().deadline(message), now + 24h * 5);
  RetrySchedule for_ever;
  for_ever.give_up_after = std::chrono::hours{24'000'000};
  EXPECT_GT(for_ever.deadline(message), now + 24h * 366 * 2700);
}

TEST(RetrySchedule, LatestDeliveryTimeCountsBeforeTheSchedule) {
  mapi::Message message;
  const mapi::FileTime latest{123456789};
  message.set(mapi::PR_LATEST_DELIVERY_TIME, latest);
  EXPECT_EQ(RetrySchedule().deadline(message), latest);
}

TEST(ReportClass, IsCutInTheMiddleAt255) {
  EXPECT_EQ(report_class(ReportKind::non_delivery, "IPM.Note"), "REPORT.IPM.Note.NDR");
  const auto cut = report_class(ReportKind::delivery, "IPM." + std::string(400, 'x') + ".End");
  EXPECT_EQ(cut.size(), 255U);
  EXPECT_TRUE(cut.starts_with("REPORT.IPM.x"));
  EXPECT_TRUE(cut.ends_with(".End.DR"));
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
}

}  // namespace
}  // namespace postern::spooler
