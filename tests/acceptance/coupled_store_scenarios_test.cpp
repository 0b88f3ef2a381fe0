// Acceptance scenarios about a store that delivers to its own mailboxes (mapi-submission.md §17).
#include <atomic>
#include <thread>

#include "tests/acceptance/mail_system.h"

namespace postern::acceptance {
namespace {

using mapi::SpecialFolder;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const mapi::Mailbox anns_mailbox{"ann"};
const mapi::Mailbox bobs_mailbox{"bob"};

class CoupledStore : public MailSystem {
 protected:
  CoupledStore() {
    for (const auto& mailbox : {anns_mailbox, bobs_mailbox}) {
      provider->create_mailbox(mailbox);
      provider->add_address(mailbox, mailbox.name + "@here.example");
    }
  }
  std::vector<mapi::Message> inbox_of(const mapi::Mailbox& mailbox) {
    std::vector<mapi::Message> messages;
    const auto store = provider->logon(mailbox);
    for (const auto& row : store->contents(store->folder(SpecialFolder::inbox))) {
      messages.push_back(message(row.entry_id));
    }
    return messages;
  }
  ScriptedTransport transport;
};
POSTERN_WITH_EVERY_STORE(CoupledStore);

TEST_P(CoupledStore, Scenario14_AllOwnIsDeliveredAtOnceAndCompletedWithoutAnyTransport) {
  std::vector<std::string> hooked;
  hook = [&hooked](mapi::Message& kept) {
    hooked.emplace_back(kept.get_or(mapi::PR_SUBJECT, ""));
    return std::nullopt;
  };
  auto letter = letter_to({"ann@here.example", "Bob@Here.Example"});
  letter.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
  const auto entry = submit(moved_when_sent(letter));
  ASSERT_THAT(inbox_of(anns_mailbox), SizeIs(1));
  EXPECT_EQ(inbox_of(anns_mailbox)[0].get(mapi::PR_RECEIVED_BY_EMAIL_ADDRESS), "ann@here.example");
  EXPECT_THAT(inbox_of(bobs_mailbox), SizeIs(1));
  send_all({&transport});
  EXPECT_EQ(transport.calls(), 0) << "it is not offered";
  EXPECT_THAT(hooked, ElementsAre("Hello"));
  EXPECT_THAT(messages_in(SpecialFolder::sent_items), SizeIs(1));
  EXPECT_EQ(outcome(entry, 0).verdict, Verdict::delivered);
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.DR");
  EXPECT_THAT(reports[0].recipients, SizeIs(2));
  EXPECT_THAT(inbox_of(anns_mailbox), SizeIs(1)) << "once";
}

TEST_P(CoupledStore, Scenario14_MixedIsDeliveredInPartAndTheRestIsOffered) {
  const auto entry =
      submit(letter_to({"ann@here.example", "carl@there.example", "nobody@here.example"}));
  ASSERT_THAT(inbox_of(anns_mailbox), SizeIs(1));
  transport.script["carl@there.example"] = {Verdict::retry, Verdict::delivered};
  transport.script["nobody@here.example"] = {Verdict::failed};
  send_all({&transport});
  EXPECT_THAT(transport.offered(),
              ElementsAre("carl@there.example", "nobody@here.example", "carl@there.example"));
  EXPECT_EQ(outcome(entry, 0).verdict, Verdict::delivered);
  EXPECT_EQ(outcome(entry, 1).verdict, Verdict::delivered);
  EXPECT_THAT(messages_in(SpecialFolder::inbox), SizeIs(1)) << "a report about nobody";
  EXPECT_THAT(inbox_of(anns_mailbox), SizeIs(1));
}

TEST_P(CoupledStore, Scenario14_PreprocessedIsDeliveredInTheSecondPassAndCompletedBySpooler) {
  mapi::Preprocessor stamp;
  stamp.preprocess = [](mapi::Message& message) {
    message.set(mapi::PR_BODY, "Dear all, stamped");
    return mapi::PreprocessResult{};
  };
  stamp.remove_info = [](mapi::Message& message) { message.set(mapi::PR_BODY, "Dear all"); };
  transport.preprocessors = {stamp};
  auto letter = letter_to({"ann@here.example"});
  letter.set(mapi::PR_PREPROCESS, true);
  const auto entry = submit(moved_when_sent(letter));
  EXPECT_THAT(inbox_of(anns_mailbox), IsEmpty());
  send_all({&transport});
  EXPECT_EQ(transport.calls(), 0);
  ASSERT_THAT(inbox_of(anns_mailbox), SizeIs(1));
  EXPECT_EQ(inbox_of(anns_mailbox)[0].get(mapi::PR_BODY), "Dear all, stamped");
  EXPECT_EQ(message(entry).get(mapi::PR_BODY), "Dear all");
  EXPECT_FALSE(message(entry).get(mapi::PR_PREPROCESS));
  EXPECT_THAT(messages_in(SpecialFolder::sent_items), SizeIs(1));
}

TEST_P(CoupledStore, Scenario14_SubmittedFromTheInboxIsAnOutgoingMessage) {
  const auto store = provider->logon(anns_mailbox);
  const auto inbox = store->folder(SpecialFolder::inbox);
  std::atomic<int> received = 0;
  mapi::StoreObserver watch;
  watch.new_mail = [&received](const mapi::NewMail&) { ++received; };
  const auto subscription = store->advise(watch);
  const auto handle = store->create_message(inbox, letter_to({"bob@here.example", "c@d.example"}));
  const auto entry = handle->entry_id();
  handle->submit_message();
  send_all({&transport});
  EXPECT_THAT(transport.offered(), ElementsAre("c@d.example"));
  EXPECT_THAT(inbox_of(bobs_mailbox), SizeIs(1));
  ASSERT_THAT(inbox_of(anns_mailbox), SizeIs(1)) << "it stays where it was";
  const auto kept = message(entry).get_or(mapi::PR_MESSAGE_FLAGS, 0);
  EXPECT_EQ(kept & (mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT), 0);
  const auto end = soon();
  while (received == 0 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(received, 1) << "of bob's copy only";
}

TEST_P(CoupledStore, Scenario14_DeferredIsDeliveredAtItsTime) {
  auto letter = letter_to({"ann@here.example"});
  letter.set(mapi::PR_DEFERRED_SEND_TIME, mapi::FileTime::now() + std::chrono::milliseconds{300});
  submit(letter);
  EXPECT_THAT(inbox_of(anns_mailbox), IsEmpty());
  send_all({});
  EXPECT_THAT(inbox_of(anns_mailbox), SizeIs(1));
  EXPECT_THAT(messages_in(SpecialFolder::inbox), IsEmpty()) << "no transport was needed";
}

TEST_P(CoupledStore, Scenario14_ReceiptReachesAnOwnMailboxWithoutATransport) {
  auto letter = letter_to({"bob@here.example"});
  mapi::set_address(letter, mapi::sender_group, "ann@here.example");
  letter.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
  submit(letter);
  const auto bobs = provider->logon(bobs_mailbox);
  const auto rows = bobs->contents(bobs->folder(SpecialFolder::inbox));
  ASSERT_THAT(rows, SizeIs(1));
  bobs->set_read_flag(rows[0].entry_id, 0);
  ASSERT_THAT(inbox_of(anns_mailbox), SizeIs(1));
  EXPECT_EQ(inbox_of(anns_mailbox)[0].get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.IPNRN");
  send_all({&transport});
  EXPECT_EQ(transport.calls(), 0);
  EXPECT_THAT(inbox_of(anns_mailbox), SizeIs(1)) << "once";
}

TEST_P(CoupledStore, Scenario14_RedirectedReportReachesAnOwnMailboxWithoutATransport) {
  transport.script["carl@there.example"] = {Verdict::failed};
  auto letter = letter_to({"carl@there.example"});
  letter.set(mapi::PR_REPORT_ENTRYID,
             mapi::make_one_off({"Bob", "SMTP", "bob@here.example"}).bytes);
  submit(letter);
  send_all({&transport});
  EXPECT_THAT(transport.offered(), ElementsAre("carl@there.example"));
  ASSERT_THAT(inbox_of(bobs_mailbox), SizeIs(1));
  EXPECT_EQ(inbox_of(bobs_mailbox)[0].get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.NDR");
}

TEST_P(CoupledStore, Scenario14_WhatIsToBeSecuredIsNotDeliveredInTheClear) {
  auto letter = letter_to({"ann@here.example"});
  letter.set(mapi::PR_SECURITY_FLAGS, mapi::SECFLAG_ENCRYPTED);
  const auto entry = submit(letter);
  send_all({&transport});
  EXPECT_EQ(transport.calls(), 0) << "nothing encrypts it";
  EXPECT_EQ(outcome(entry, 0).status, (EnhancedStatus{5, 7, 4}));
  EXPECT_THAT(inbox_of(anns_mailbox), IsEmpty());
}

TEST_P(CoupledStore, Scenario14_TransportShowsTheStoreItBelongsTo) {
  transport.own_store = {client->properties().get_or(mapi::PR_ENTRYID, {})};
  ScriptedTransport other;
  const auto rows = spool({&transport, &other})->status();
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_EQ(rows[1].get_or(mapi::PR_OWN_STORE_ENTRYID, {}), transport.own_store.bytes);
  EXPECT_EQ(rows[1].get_or(mapi::PR_RESOURCE_FLAGS, 0) & mapi::STATUS_OWN_STORE,
            mapi::STATUS_OWN_STORE);
  EXPECT_EQ(rows[2].get(mapi::PR_OWN_STORE_ENTRYID), nullptr);
  EXPECT_EQ(rows[2].get_or(mapi::PR_RESOURCE_FLAGS, 0) & mapi::STATUS_OWN_STORE, 0);
}

}  // namespace
}  // namespace postern::acceptance
