// Several mailboxes in one store, what they receive, and the reports that come to them.
#include <set>

#include "tests/store/conformance/conformance_fixture.h"

namespace postern::store::test {
namespace {

using mapi::EntryId;
using mapi::Mailbox;
using mapi::Message;
using mapi::SpecialFolder;

const Mailbox sales{"sales"};

class Mailboxes : public Conformance {
 protected:
  std::unique_ptr<mapi::MsgStore> log_on_to_sales() {
    provider->create_mailbox(sales);
    return provider->logon(sales);
  }
  static Message of_class(const std::string& message_class) {
    auto message = letter();
    message.set(mapi::PR_MESSAGE_CLASS, message_class);
    return message;
  }
};
POSTERN_WITH_EACH_STORE(Mailboxes);

TEST_P(Mailboxes, AreMadeAndListedByName) {
  EXPECT_EQ(provider->mailboxes(), std::vector{Mailbox{}});
  provider->create_mailbox(sales);
  provider->create_mailbox({"accounts"});
  EXPECT_EQ(provider->mailboxes(), (std::vector<Mailbox>{{}, {"accounts"}, sales}));
  EXPECT_EQ(code_of([&] { provider->create_mailbox(sales); }), mapi::MAPI_E_COLLISION);
  EXPECT_EQ(code_of([&] { provider->create_mailbox({}); }), mapi::MAPI_E_INVALID_PARAMETER);
  EXPECT_EQ(code_of([&] { (void)provider->logon({"nobody"}); }), mapi::MAPI_E_NOT_FOUND);
}

TEST_P(Mailboxes, SayWhatTheStoreCan) {
  const auto store = log_on_to_sales();
  EXPECT_NE(store->properties().get_or(mapi::PR_STORE_SUPPORT_MASK, 0) & mapi::STORE_SUBMIT_OK, 0);
  EXPECT_EQ(store->properties().get(mapi::PR_DISPLAY_NAME), "sales");
}

TEST_P(Mailboxes, HaveSpecialFoldersOfTheirOwn) {
  const auto store = log_on_to_sales();
  std::vector<EntryId> folders;
  for (const auto special : {SpecialFolder::outbox, SpecialFolder::sent_items, SpecialFolder::inbox,
                             SpecialFolder::ipm_subtree}) {
    folders.push_back(client->folder(special));
    folders.push_back(store->folder(special));
  }
  EXPECT_EQ(std::set(folders.begin(), folders.end()).size(), folders.size());
  EXPECT_EQ(store->folders(store->folder(SpecialFolder::ipm_subtree)).at(0).owner, sales);
}

TEST_P(Mailboxes, ShareTheQueueAndOpenEachOthersMessages) {
  const auto store = log_on_to_sales();
  const auto entry = store->submit(store->folder(SpecialFolder::outbox), letter());
  EXPECT_EQ(client->outgoing_queue().size(), 1U);
  EXPECT_EQ(message(entry).get(mapi::PR_SUBJECT), "Hello");
  EXPECT_EQ(client->mailbox_of(entry), sales);
  client->abort_submit(entry);
  EXPECT_EQ(client->move_messages({entry}, inbox()).code(), mapi::S_OK);
  EXPECT_EQ(store->mailbox_of(entry), Mailbox{}) << "the id says nothing of the mailbox";
}

TEST_P(Mailboxes, GetTheReportsAboutTheirMessages) {
  const auto store = log_on_to_sales();
  auto& spooling = log_spooler_on();
  const auto special = store->create_folder(store->folder(SpecialFolder::inbox), "Reports");
  store->set_receive_folder("REPORT", special);
  const auto entry = store->submit(store->folder(SpecialFolder::outbox), letter());
  spooling.set_lock_state(entry, mapi::LockState::locked);
  const auto original = spooling.open_entry(entry, mapi::Access::modify);
  const auto mail = spooling.create_report(*original, of_class("REPORT.IPM.Note.NDR"));
  EXPECT_EQ(mail.folder, special);
  EXPECT_EQ(client->mailbox_of(mail.message), sales);
  EXPECT_EQ(entries_in(special), std::vector{mail.message});
}

TEST_P(Mailboxes, ReceiveInTheFolderOfTheLongestPrefix) {
  EXPECT_EQ(client->receive_folder("IPM.Note"), inbox());
  const auto notes = client->create_folder(inbox(), "Notes");
  const auto faxes = client->create_folder(inbox(), "Faxes");
  client->set_receive_folder("IPM.Note", notes);
  client->set_receive_folder("ipm.note.fax", faxes);
  EXPECT_EQ(client->receive_folder("IPM.Note"), notes);
  EXPECT_EQ(client->receive_folder("IPM.NOTE.SMIME"), notes);
  EXPECT_EQ(client->receive_folder("IPM.Note.Fax.Urgent"), faxes);
  EXPECT_EQ(client->receive_folder("IPM.Notebook"), inbox()) << "a class of its own";
  EXPECT_EQ(client->receive_folder("IPM"), inbox());
  client->set_receive_folder("IPM.Note", {});
  EXPECT_EQ(client->receive_folder("IPM.Note"), inbox());
  client->set_receive_folder("", notes);
  EXPECT_EQ(client->receive_folder("IPM.Note"), notes) << "the default one";
  client->delete_folder(notes, mapi::FolderDeletion::only_if_empty);
  EXPECT_EQ(client->receive_folder("IPM.Note"), inbox()) << "the folder is gone";
  EXPECT_EQ(code_of([&] { client->set_receive_folder("X", notes); }), mapi::MAPI_E_NOT_FOUND);
}

TEST_P(Mailboxes, KeepWhatComesInAndTellOfIt) {
  const auto store = log_on_to_sales();
  auto& spooling = log_spooler_on();
  Told told;
  const auto subscription = client->advise(told.observer());
  auto incoming = letter("A question");
  incoming.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
  incoming.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_READ);
  const auto before = mapi::FileTime::now();
  const auto mail = spooling.receive(incoming, sales);
  EXPECT_EQ(mail.folder, store->folder(SpecialFolder::inbox));
  EXPECT_EQ(mail.message_class, "IPM.Note");
  EXPECT_TRUE(told.of_mail(mail.message));
  EXPECT_EQ(entries_in(mail.folder), std::vector{mail.message});
  const auto stored = message(mail.message);
  EXPECT_EQ(stored.get(mapi::PR_MESSAGE_FLAGS),
            mapi::MSGFLAG_UNMODIFIED | mapi::MSGFLAG_RN_PENDING | mapi::MSGFLAG_NRN_PENDING);
  EXPECT_GE(stored.get_or(mapi::PR_MESSAGE_DELIVERY_TIME, {}), before);
  EXPECT_EQ(stored.get(mapi::PR_DISPLAY_TO), "Recipient 0");
  EXPECT_EQ(code_of([&] { spooling.receive(letter(), {"nobody"}); }), mapi::MAPI_E_NOT_FOUND);
  EXPECT_EQ(spooling.receive(letter()).folder, inbox());
}

TEST_P(Mailboxes, ReceiveAReportAndChangeTheMessageItIsAboutInOneStep) {
  const auto store = log_on_to_sales();
  Told told;
  const auto subscription = client->advise(told.observer());
  auto& spooling = log_spooler_on();
  const auto entry = store->submit(store->folder(SpecialFolder::outbox), letter());
  spooling.set_lock_state(entry, mapi::LockState::locked);
  const auto sending = spooling.open_entry(entry, mapi::Access::modify);
  const auto note = [](mapi::Message& original) {
    original.set(mapi::PR_POSTERN_TRANSCRIPT, "late");
    original.recipients.at(0).set(mapi::PR_POSTERN_REPORTED, true);
  };
  const auto mail = client->receive_report(entry, note, of_class("REPORT.IPM.Note.NDR"));
  EXPECT_EQ(mail.folder, store->folder(SpecialFolder::inbox)) << "in the mailbox of the message";
  EXPECT_TRUE(told.of_mail(mail.message));
  sending->edit().recipients.at(0).set(mapi::PR_RESPONSIBILITY, true);
  sending->save_changes();
  const auto original = spooling.open_entry(entry, mapi::Access::read_only)->message();
  EXPECT_EQ(original.get(mapi::PR_POSTERN_TRANSCRIPT), "late");
  EXPECT_EQ(original.recipients.at(0).get(mapi::PR_POSTERN_REPORTED), true);
  EXPECT_EQ(original.recipients.at(0).get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_TRUE(client->queue_row(entry));
}

TEST_P(Mailboxes, AReportAboutAMessageThatIsGoneIsNotReceived) {
  const auto entry = create(inbox());
  client->delete_messages({entry});
  EXPECT_EQ(code_of([&] {
              client->receive_report(
                  entry, [](mapi::Message&) {}, of_class("REPORT.IPM.Note.NDR"));
            }),
            mapi::MAPI_E_NOT_FOUND);
  EXPECT_TRUE(entries_in(inbox()).empty());
}

TEST_P(Mailboxes, AChangeThatThrowsLeavesNoReport) {
  const auto entry = create(outbox());
  EXPECT_ANY_THROW(client->receive_report(
      entry, [](mapi::Message&) { throw mapi::Failure(mapi::MAPI_E_CALL_FAILED, "no"); },
      of_class("REPORT.IPM.Note.NDR")));
  EXPECT_TRUE(entries_in(inbox()).empty());
}

}  // namespace
}  // namespace postern::store::test
