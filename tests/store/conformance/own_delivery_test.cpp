// A tightly coupled store: it delivers to its own mailboxes (mapi-submission.md
// §§1, 3.3, 3.5, 3.7).
#include <algorithm>

#include "mapi/recipient_outcome.h"
#include "tests/store/conformance/conformance_fixture.h"

namespace postern::store::test {
namespace {

using mapi::Access;
using mapi::EntryId;
using mapi::LockState;
using mapi::Mailbox;
using mapi::MailboxAddress;
using mapi::Message;
using mapi::SpecialFolder;

const Mailbox ann_mailbox{"ann"};
const Mailbox sales_mailbox{"sales"};

class OwnDelivery : public Conformance {
 protected:
  OwnDelivery() {
    provider->create_mailbox(ann_mailbox);
    provider->create_mailbox(sales_mailbox);
    provider->add_address(ann_mailbox, "Ann@here.example");
    provider->add_address(sales_mailbox, "sales@here.example");
  }
  static Message letter_to(const std::vector<std::string>& addresses) {
    auto message = letter("Hello", 0);
    for (const auto& address : addresses) {
      message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, address));
    }
    return message;
  }
  /// What lies in the Inbox of a mailbox.
  std::vector<Message> inbox_of(const Mailbox& mailbox) {
    std::vector<Message> messages;
    const auto store = provider->logon(mailbox);
    for (const auto& row : store->contents(store->folder(SpecialFolder::inbox))) {
      messages.push_back(message(row.entry_id));
    }
    return messages;
  }
  std::vector<bool> settled(const EntryId& entry) {
    std::vector<bool> rows;
    const auto stored =
        spooler ? spooler->open_entry(entry, Access::read_only)->message() : message(entry);
    for (const auto& row : stored.recipients) {
      rows.push_back(row.get_or(mapi::PR_RESPONSIBILITY, false));
    }
    return rows;
  }
};
POSTERN_WITH_EACH_STORE(OwnDelivery);

TEST_P(OwnDelivery, GoesByAddressesThatBelongToOneMailboxEach) {
  EXPECT_EQ(provider->addresses(),
            (std::vector<MailboxAddress>{{"ann@here.example", ann_mailbox},
                                         {"sales@here.example", sales_mailbox}}));
  provider->add_address(ann_mailbox, "ANN@HERE.example");
  provider->add_address({}, "postmaster@here.example");
  EXPECT_EQ(provider->addresses().size(), 3U);
  EXPECT_EQ(code_of([&] { provider->add_address(sales_mailbox, "ann@here.example"); }),
            mapi::MAPI_E_COLLISION);
  EXPECT_EQ(code_of([&] { provider->add_address(sales_mailbox, "sales"); }),
            mapi::MAPI_E_INVALID_PARAMETER);
  EXPECT_EQ(code_of([&] { provider->add_address({"nobody"}, "n@here.example"); }),
            mapi::MAPI_E_NOT_FOUND);
  provider->remove_address("Ann@Here.example");
  EXPECT_EQ(code_of([&] { provider->remove_address("ann@here.example"); }), mapi::MAPI_E_NOT_FOUND);
  const auto entry = submit(letter_to({"ann@here.example"}));
  EXPECT_EQ(settled(entry), std::vector{false});
  EXPECT_TRUE(inbox_of(ann_mailbox).empty());
}

TEST_P(OwnDelivery, IsMadeWithTheSubmissionAndTold) {
  Told told;
  const auto subscription = client->advise(told.observer());
  auto original = letter_to({"ann@here.example", "nobody@here.example", "SALES@here.example"});
  original.attachments.push_back(mapi::make_attachment(
      "data", mapi::Content::from_bytes(std::vector<std::byte>(1'000'000, std::byte{7}))));
  const auto entry = submit(original);
  EXPECT_EQ(settled(entry), (std::vector{true, false, true}));
  const auto outcome = mapi::outcome(message(entry).recipients[0]).value();
  EXPECT_EQ(outcome.verdict, Verdict::delivered);
  EXPECT_NE(outcome.text.find("ann"), std::string::npos);
  EXPECT_TRUE(client->queue_row(entry));
  EXPECT_EQ(inbox_of({}).size(), 0U);
  for (const auto& mailbox : {ann_mailbox, sales_mailbox}) {
    const auto copies = inbox_of(mailbox);
    ASSERT_EQ(copies.size(), 1U) << mailbox.name;
    const auto& copy = copies[0];
    EXPECT_TRUE(told.of_mail(EntryId{copy.get_or(mapi::PR_ENTRYID, {})}));
    EXPECT_EQ(copy.get_or(mapi::PR_MESSAGE_FLAGS, 0),
              mapi::MSGFLAG_UNMODIFIED | mapi::MSGFLAG_HASATTACH);
    EXPECT_EQ(copy.get(mapi::PR_SUBJECT), "Hello");
    EXPECT_EQ(copy.recipients.size(), 3U);
    EXPECT_EQ(copy.attachments.at(0).data.read_all().size(), 1'000'000U);
  }
}

TEST_P(OwnDelivery, OutlivesTheMessageThatWasSent) {
  support.on_sent = [](const Message&) { return mapi::StoreSupport::SentMail::remove; };
  auto original = letter_to({"ann@here.example"});
  original.attachments.push_back(mapi::make_attachment(
      "data", mapi::Content::from_bytes(std::vector<std::byte>(2'000'000, std::byte{7}))));
  const auto entry = submit_and_lock(original);
  spooler->finished_msg(entry);
  EXPECT_EQ(code_of([&] { (void)message(entry); }), mapi::MAPI_E_NOT_FOUND);
  EXPECT_EQ(inbox_of(ann_mailbox).at(0).attachments.at(0).data.read_all().size(), 2'000'000U);
}

TEST_P(OwnDelivery, GoesToTheReceiveFolderOfTheClass) {
  const auto store = provider->logon(ann_mailbox);
  const auto notes = store->create_folder(store->folder(SpecialFolder::inbox), "Notes");
  store->set_receive_folder("IPM.Note", notes);
  submit(letter_to({"ann@here.example"}));
  EXPECT_EQ(store->contents(notes).size(), 1U);
}

TEST_P(OwnDelivery, OfWhatIsSubmittedFromTheInboxLeavesItThere) {
  const auto store = provider->logon(ann_mailbox);
  const auto inbox = store->folder(SpecialFolder::inbox);
  const auto handle = store->create_message(inbox, letter_to({"ann@here.example"}));
  const auto entry = handle->entry_id();
  Told told;
  const auto subscription = client->advise(told.observer());
  handle->submit_message();
  ASSERT_EQ(store->contents(inbox).size(), 2U);
  EXPECT_EQ(store->contents(inbox)[0].entry_id, entry);
  EXPECT_EQ(message(entry).get_or(mapi::PR_MESSAGE_FLAGS, 0) & mapi::MSGFLAG_SUBMIT,
            mapi::MSGFLAG_SUBMIT);
  EXPECT_TRUE(told.of_mail(store->contents(inbox)[1].entry_id));
  EXPECT_FALSE(client->queue_row(store->contents(inbox)[1].entry_id));
}

TEST_P(OwnDelivery, WaitsForTheSecondPassOfWhatIsPreprocessed) {
  support.on_expand = [](Message&) {
    return mapi::StoreSupport::ExpandResult{.needs_preprocessing = true};
  };
  const auto entry = submit_and_lock(letter_to({"ann@here.example", "bob@there.example"}));
  EXPECT_TRUE(inbox_of(ann_mailbox).empty());
  const auto handle = spooler->open_entry(entry, Access::modify);
  handle->edit().set(mapi::PR_SUBJECT, "Stamped");
  handle->submit_message();
  EXPECT_EQ(client->queue_row(entry)->submit_flags, mapi::SUBMITFLAG_LOCKED);
  EXPECT_EQ(settled(entry), (std::vector{true, false}));
  ASSERT_EQ(inbox_of(ann_mailbox).size(), 1U);
  EXPECT_EQ(inbox_of(ann_mailbox)[0].get(mapi::PR_SUBJECT), "Stamped");
  EXPECT_EQ(code_of([&] { spooler->open_entry(entry, Access::modify)->submit_message(); }),
            mapi::MAPI_E_SUBMITTED);
  EXPECT_EQ(inbox_of(ann_mailbox).size(), 1U);
}

TEST_P(OwnDelivery, WaitsForTheTimeOfWhatIsDeferred) {
  auto deferred = letter_to({"ann@here.example"});
  deferred.set(mapi::PR_DEFERRED_SEND_TIME, mapi::FileTime::now() + std::chrono::hours{1});
  const auto entry = submit(deferred);
  EXPECT_TRUE(inbox_of(ann_mailbox).empty());
  EXPECT_EQ(settled(entry), std::vector{false});
  EXPECT_EQ(client->queue_row(entry)->submit_flags, mapi::SUBMITFLAG_PREPROCESS);
  EXPECT_FALSE(message(entry).get(mapi::PR_PREPROCESS));
}

TEST_P(OwnDelivery, IsNotMadeIfTheSubmissionIsRefused) {
  const auto handle = client->create_message(outbox(), letter_to({"ann@here.example"}));
  support.on_expand = [](Message&) -> mapi::StoreSupport::ExpandResult {
    throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX, "too complex");
  };
  EXPECT_EQ(code_of([&] { handle->submit_message(); }), mapi::MAPI_E_TOO_COMPLEX);
  EXPECT_EQ(code_of([&] { submit(letter_to({"ann@here.example"})); }), mapi::MAPI_E_TOO_COMPLEX);
  EXPECT_TRUE(inbox_of(ann_mailbox).empty());
  EXPECT_EQ(settled(handle->entry_id()), std::vector{false});
}

TEST_P(OwnDelivery, StaysWhenTheRestIsCancelled) {
  const auto entry = submit(letter_to({"ann@here.example", "bob@there.example"}));
  client->abort_submit(entry);
  EXPECT_EQ(settled(entry), (std::vector{true, false}));
  EXPECT_EQ(inbox_of(ann_mailbox).size(), 1U);
  client->open_entry(entry, Access::modify)->submit_message();
  EXPECT_EQ(inbox_of(ann_mailbox).size(), 2U) << "a new submission is to everybody";
}

TEST_P(OwnDelivery, StoreHasOneEntryIdForAllMailboxes) {
  const auto of_client = client->properties().get_or(mapi::PR_ENTRYID, {});
  EXPECT_FALSE(of_client.empty());
  EXPECT_EQ(provider->logon(ann_mailbox)->properties().get_or(mapi::PR_ENTRYID, {}), of_client);
}

}  // namespace
}  // namespace postern::store::test
