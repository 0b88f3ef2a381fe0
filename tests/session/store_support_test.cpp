// What MAPI does with the recipients of a message that is submitted, and with one that was sent.
#include "session/store_support.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"

namespace postern::session {
namespace {

using mapi::make_recipient;
using mapi::RecipientType;

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

}  // namespace
}  // namespace postern::session
