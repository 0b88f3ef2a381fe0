// What MAPI does with the recipients of a message that is submitted, and with one that was sent.
#include "session/store_support.h"

#include <optional>
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
                        make_recipient(RecipientType::cc, "a@Example.com"),
                        make_recipient(RecipientType::to, "b@example.com"),
                        make_recipient(RecipientType::to, "b@example.com")};
  std::vector<std::string> told;
  const SupportOptions options{.warn = [&told](const std::string& s) { told.push_back(s); }};
  DefaultStoreSupport(options).expand_recips(message);
  EXPECT_THAT(addresses(message), testing::ElementsAre("2:a@Example.com", "1:b@example.com"));
  EXPECT_THAT(told, testing::ElementsAre("'a@example.com' is named more than once and gets the "
                                         "message once; 2 such rows were left out"));
  DefaultStoreSupport(options).expand_recips(message);
  EXPECT_EQ(told.size(), 1U) << "there is nothing left to say";
}

TEST(ExpandRecips, LocalPartsThatDifferInCaseAreTwoPartiesAndADomainHasOneForm) {
  mapi::Message message;
  message.recipients = {make_recipient(RecipientType::to, "Ann@bücher.example"),
                        make_recipient(RecipientType::to, "ann@bücher.example"),
                        make_recipient(RecipientType::to, "ann@XN--bcher-KVA.example")};
  DefaultStoreSupport().expand_recips(message);
  EXPECT_THAT(addresses(message),
              testing::ElementsAre("1:Ann@xn--bcher-kva.example", "1:ann@xn--bcher-kva.example"));
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

TEST(PrepareSubmit, LeavesAMessageAloneThatIsNotResent) {
  mapi::Message message;
  message.recipients = {make_recipient(RecipientType::to, "a@example.com"),
                        make_recipient(RecipientType::p1, "a@example.com")};
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

TEST(DoSentMail, TheFirstHookWithAnAnswerDecides) {
  using SentMail = mapi::StoreSupport::SentMail;
  std::vector<int> called;
  const auto undecided = [&called](mapi::Message& message) -> std::optional<SentMail> {
    called.push_back(1);
    message.set(mapi::PR_BODY, "what is kept");
    return std::nullopt;
  };
  const auto decided = [&called](mapi::Message&) -> std::optional<SentMail> {
    called.push_back(2);
    return SentMail::keep;
  };
  mapi::Message message;
  message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  EXPECT_EQ(DefaultStoreSupport({.sent_mail_hooks = {undecided}}).do_sent_mail(message),
            SentMail::remove)
      << "the message's properties decide";
  DefaultStoreSupport support({.sent_mail_hooks = {undecided, decided, undecided}});
  EXPECT_EQ(support.do_sent_mail(message), SentMail::keep);
  EXPECT_THAT(called, testing::ElementsAre(1, 1, 2));
  EXPECT_EQ(message.get(mapi::PR_BODY), "what is kept");
}

TEST(DoSentMail, AHookThatFailsIsToldOfAndHoldsNothingUp) {
  using SentMail = mapi::StoreSupport::SentMail;
  std::vector<std::string> told;
  const auto fails = [](mapi::Message& message) -> std::optional<SentMail> {
    message.set(mapi::PR_SUBJECT, "half done");
    throw mapi::Failure(mapi::MAPI_E_DISK_ERROR, "the archive is full");
  };
  mapi::Message message;
  message.set(mapi::PR_SUBJECT, "Hello");
  DefaultStoreSupport support(
      {.sent_mail_hooks = {fails}, .warn = [&told](const std::string& s) { told.push_back(s); }});
  EXPECT_EQ(support.do_sent_mail(message), SentMail::keep);
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Hello");
  EXPECT_THAT(told, testing::ElementsAre(testing::HasSubstr("the archive is full")));
}

}  // namespace
}  // namespace postern::session
