// What a tightly coupled store delivers to itself (mapi-submission.md §3.3).
#include "session/own_delivery.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/store_support.h"
#include "session/submission.h"

namespace postern::session {
namespace {

using mapi::make_recipient;
using mapi::Message;
using mapi::RecipientType;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const mapi::FileTime moment = mapi::FileTime::now();
constexpr std::chrono::hours an_hour{1};

/// ann and sales belong to mailboxes; sales has two addresses.
mapi::OwnRecipients own() {
  return [](const std::string& address) -> std::optional<mapi::Mailbox> {
    const std::map<std::string, mapi::Mailbox> known{{"ann@here.example", {"ann"}},
                                                     {"sales@here.example", {"sales"}},
                                                     {"shop@here.example", {"sales"}}};
    const auto found = known.find(address);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  };
}

Message letter_to(std::vector<mapi::Recipient> rows) {
  Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "Hello");
  message.recipients = std::move(rows);
  return message;
}
mapi::Recipient to(const std::string& address) {
  return make_recipient(RecipientType::to, address);
}
std::vector<std::size_t> rows(const Message& message) {
  std::vector<std::size_t> found;
  for (const auto& row : own_rows(message, own())) found.push_back(row.row);
  return found;
}
std::vector<std::string> email_addresses(const Message& message) {
  std::vector<std::string> found;
  for (const auto& row : message.recipients) {
    found.emplace_back(row.get_or(mapi::PR_EMAIL_ADDRESS, ""));
  }
  return found;
}

TEST(OwnAddress, HasOneFormHoweverItIsWritten) {
  EXPECT_EQ(own_address("Ann@Here.Example"), "ann@here.example");
  EXPECT_EQ(own_address("ann@BÜCHER.example"), "ann@xn--bcher-kva.example");
  for (const auto* none : {"", "ann", "@here.example", "Ann <ann@here.example>", "a b@c.example"}) {
    EXPECT_FALSE(own_address(none)) << none;
  }
}

TEST(OwnRows, AreTheOpenOnesOfAMailboxAddress) {
  auto letter = letter_to({to("ANN@here.example"), to("nobody@here.example"),
                           to("sales@here.example"), to("shop@here.example")});
  EXPECT_THAT(rows(letter), ElementsAre(0U, 2U, 3U));
  letter.recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  letter.recipients[2].set(mapi::PR_ADDRTYPE, "FAX");
  EXPECT_THAT(rows(letter), ElementsAre(3U));
}

TEST(OwnRows, OfWhatIsToBeSecuredAreTheTransports) {
  auto letter = letter_to({to("ann@here.example")});
  letter.set(mapi::PR_SECURITY_FLAGS, mapi::SECFLAG_ENCRYPTED);
  EXPECT_THAT(rows(letter), IsEmpty());
  letter.set(mapi::PR_MESSAGE_CLASS, "IPM.Note.SMIME.MultipartSigned");
  EXPECT_THAT(rows(letter), IsEmpty()) << "it is not encrypted yet";
}

TEST(DeliverOwn, SettlesTheRowsAndGivesEachMailboxOneCopy) {
  auto letter = letter_to({to("shop@here.example"), to("ann@here.example"), to("bob@there.example"),
                           to("sales@here.example")});
  const auto deliveries = deliver_own(letter, own(), moment);
  ASSERT_THAT(deliveries, SizeIs(2));
  EXPECT_EQ(deliveries[0].mailbox.name, "ann");
  EXPECT_EQ(deliveries[1].mailbox.name, "sales");
  const auto& copy = deliveries[1].message;
  EXPECT_EQ(copy.get(mapi::PR_RECEIVED_BY_EMAIL_ADDRESS), "shop@here.example");
  EXPECT_EQ(copy.get(mapi::PR_RCVD_REPRESENTING_ADDRTYPE), "SMTP");
  EXPECT_NE(copy.get(mapi::PR_RECEIVED_BY_SEARCH_KEY), nullptr);
  EXPECT_THAT(email_addresses(copy), ElementsAre("shop@here.example", "ann@here.example",
                                                 "bob@there.example", "sales@here.example"));
  for (const std::size_t row : {0U, 1U, 3U}) {
    EXPECT_EQ(letter.recipients[row].get(mapi::PR_RESPONSIBILITY), true) << row;
    EXPECT_EQ(mapi::outcome(letter.recipients[row])->verdict, Verdict::delivered) << row;
  }
  EXPECT_FALSE(mapi::outcome(letter.recipients[2]));
  EXPECT_THAT(deliver_own(letter, own(), moment), IsEmpty()) << "once only";
}

TEST(DeliverOwn, CopyIsUnreadAndNotTheSendersSide) {
  auto letter = letter_to({to("ann@here.example")});
  letter.set(mapi::PR_MESSAGE_FLAGS,
             mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_READ);
  letter.set(mapi::PR_SENTMAIL_ENTRYID, mapi::Binary{std::byte{1}});
  letter.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  letter.set(mapi::PR_SUBMIT_FLAGS, 1);
  letter.set(mapi::PR_POSTERN_ENVELOPE_ID, "0123");
  letter.set(mapi::PR_POSTERN_LOSSES, "dropped\tbody\tit was lost\n");
  letter.set(mapi::PR_POSTERN_REVERSE_PATH, "bounces@here.example");
  letter.set(mapi::PR_POSTERN_HEADER_DATE, "1 Jul 2025 10:00 +0200");
  letter.set(mapi::PR_PREPROCESS, true);
  letter.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
  const auto copy = deliver_own(letter, own(), moment).at(0).message;
  EXPECT_EQ(copy.get(mapi::PR_MESSAGE_FLAGS),
            mapi::MSGFLAG_UNMODIFIED | mapi::MSGFLAG_RN_PENDING | mapi::MSGFLAG_NRN_PENDING);
  EXPECT_EQ(copy.get(mapi::PR_MESSAGE_DELIVERY_TIME), moment);
  EXPECT_EQ(copy.get(mapi::PR_SUBJECT), "Hello");
  for (const auto id :
       {mapi::PR_SENTMAIL_ENTRYID.id, mapi::PR_DELETE_AFTER_SUBMIT.id, mapi::PR_SUBMIT_FLAGS.id,
        mapi::PR_POSTERN_ENVELOPE_ID.id, mapi::PR_POSTERN_LOSSES.id, mapi::PR_PREPROCESS.id,
        mapi::PR_POSTERN_REVERSE_PATH.id, mapi::PR_POSTERN_HEADER_DATE.id}) {
    EXPECT_EQ(copy.find(id), nullptr) << std::hex << id;
  }
  EXPECT_FALSE(mapi::outcome(copy.recipients.at(0)));
  EXPECT_FALSE(copy.recipients.at(0).get(mapi::PR_RESPONSIBILITY));
}

TEST(DeliverOwn, BccRecipientsSeeThemselvesOnly) {
  auto letter =
      letter_to({to("bob@there.example"), make_recipient(RecipientType::bcc, "ann@here.example"),
                 make_recipient(RecipientType::bcc, "sales@here.example"),
                 make_recipient(RecipientType::bcc, "carl@there.example")});
  const auto deliveries = deliver_own(letter, own(), moment);
  EXPECT_THAT(email_addresses(deliveries.at(0).message),
              ElementsAre("bob@there.example", "ann@here.example"));
  EXPECT_EQ(deliveries.at(0).message.get(mapi::PR_DISPLAY_BCC), "ann@here.example");
  EXPECT_THAT(email_addresses(deliveries.at(1).message),
              ElementsAre("bob@there.example", "sales@here.example"));
}

TEST(DeliverOwn, OfAResendReachesTheEnvelopeAndShowsTheRecipients) {
  auto letter = letter_to({to("bob@there.example"), to("ann@here.example"),
                           make_recipient(RecipientType::p1, "ann@here.example")});
  letter.recipients[0].set(mapi::PR_RECIPIENT_TYPE, 1 | mapi::MAPI_SUBMITTED);
  letter.recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  letter.recipients[1].set(mapi::PR_RESPONSIBILITY, true);
  const auto copy = deliver_own(letter, own(), moment).at(0).message;
  EXPECT_THAT(email_addresses(copy), ElementsAre("bob@there.example", "ann@here.example"));
  EXPECT_EQ(copy.recipients[0].get(mapi::PR_RECIPIENT_TYPE), 1);
}

TEST(DeliverOwn, WaitsForTheDeferredTimeAndKeepsToTheLatest) {
  auto deferred = letter_to({to("ann@here.example")});
  deferred.set(mapi::PR_DEFERRED_SEND_TIME, moment + an_hour);
  EXPECT_TRUE(waits_for_own_delivery(deferred, own(), moment));
  EXPECT_THAT(deliver_own(deferred, own(), moment), IsEmpty());
  EXPECT_FALSE(deferred.recipients[0].get_or(mapi::PR_RESPONSIBILITY, false));
  EXPECT_FALSE(waits_for_own_delivery(deferred, own(), moment + an_hour));
  EXPECT_THAT(deliver_own(deferred, own(), moment + an_hour), SizeIs(1));

  auto others = letter_to({to("bob@there.example")});
  others.set(mapi::PR_DEFERRED_SEND_TIME, moment + an_hour);
  EXPECT_FALSE(waits_for_own_delivery(others, own(), moment));

  auto late = letter_to({to("ann@here.example")});
  late.set(mapi::PR_LATEST_DELIVERY_TIME, moment);
  EXPECT_THAT(deliver_own(late, own(), moment), IsEmpty());
}

TEST(DeliverOwn, DeferredDeliveryIsTheStoresTooWhereItDelivers) {
  const auto known = own();
  for (const bool is_own : {true, false}) {
    auto letter = letter_to({to(is_own ? "ann@here.example" : "bob@there.example")});
    letter.set(mapi::PR_DEFERRED_DELIVERY_TIME, moment + an_hour);
    DefaultStoreSupport support;
    const auto submission = prepare_submission(letter, support, moment, &known);
    EXPECT_THAT(submission.deliveries, IsEmpty());
    EXPECT_EQ(letter.get(mapi::PR_DEFERRED_SEND_TIME).has_value(), is_own)
        << "elsewhere it is the transport's to hold";
  }
  auto letter = letter_to({to("ann@here.example")});
  letter.set(mapi::PR_DEFERRED_DELIVERY_TIME, moment);
  const auto deliveries = deliver_own(letter, known, moment);
  ASSERT_THAT(deliveries, SizeIs(1));
  EXPECT_FALSE(deliveries[0].message.get(mapi::PR_DEFERRED_DELIVERY_TIME));
}

TEST(ExpandRecips, NeedsTheSpoolerForWhoIsNotTheStoresOwn) {
  const auto known = own();
  auto mixed = letter_to({to("ann@here.example"), to("bob@there.example")});
  EXPECT_TRUE(DefaultStoreSupport().expand_recips(mixed, &known).needs_spooler);
  auto all_own = letter_to({to("ann@here.example"), to("sales@here.example")});
  EXPECT_FALSE(DefaultStoreSupport().expand_recips(all_own, &known).needs_spooler);
  EXPECT_TRUE(DefaultStoreSupport().expand_recips(all_own).needs_spooler) << "it is not coupled";
}

TEST(Submission, OfWhatIsPreprocessedDeliversInItsSecondPass) {
  const auto known = own();
  DefaultStoreSupport support;
  auto letter = letter_to({to("ann@here.example")});
  letter.set(mapi::PR_PREPROCESS, true);
  const auto first = prepare_submission(letter, support, moment, &known);
  EXPECT_EQ(first.submit_flags, mapi::SUBMITFLAG_PREPROCESS);
  EXPECT_THAT(first.deliveries, IsEmpty());
  letter.set(mapi::PR_SUBJECT, "Stamped");
  const auto second = resume_submission(letter, moment, &known);
  ASSERT_THAT(second.deliveries, SizeIs(1));
  EXPECT_EQ(second.deliveries[0].message.get(mapi::PR_SUBJECT), "Stamped");
}

}  // namespace
}  // namespace postern::session
