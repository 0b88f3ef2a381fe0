// mapi-submission.md §3.2, §3.5, §3.7, §3.9: what submission, completion and cancelling do.
#include <algorithm>

#include "mapi/recipient_outcome.h"
#include "tests/store/conformance/conformance_fixture.h"

namespace postern::store::test {
namespace {

using mapi::Access;
using mapi::EntryId;
using mapi::LockState;
using mapi::Message;
using mapi::SpecialFolder;
using SentMail = mapi::StoreSupport::SentMail;

class Submission : public Conformance {};
POSTERN_WITH_EACH_STORE(Submission);

TEST_P(Submission, QueuesTheMessageAsItStands) {
  const auto before = mapi::FileTime::now();
  auto original = letter("Subject", 2);
  original.set(mapi::PR_SENDER_NAME, "Sender");
  original.set(mapi::PR_PRIORITY, 1);
  const auto entry = submit(original);

  const auto row = client->queue_row(entry);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->entry_id, entry);
  EXPECT_EQ(row->subject, "Subject");
  EXPECT_EQ(row->sender_name, "Sender");
  EXPECT_EQ(row->display_to, "Recipient 0; Recipient 1");
  EXPECT_EQ(row->priority, 1);
  EXPECT_EQ(row->message_flags, mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT);
  EXPECT_EQ(row->submit_flags, 0);
  EXPECT_GT(row->message_size, 20U);

  const auto stored = message(entry);
  EXPECT_EQ(stored.get(mapi::PR_BODY), original.get(mapi::PR_BODY));
  EXPECT_EQ(stored.get(mapi::PR_CLIENT_SUBMIT_TIME), row->client_submit_time);
  EXPECT_GE(row->client_submit_time, before);
  EXPECT_EQ(stored.get(mapi::PR_MESSAGE_FLAGS), mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT);
  EXPECT_EQ(stored.get(mapi::PR_SUBMIT_FLAGS), 0);
  ASSERT_NE(stored.get(mapi::PR_SEARCH_KEY), nullptr);
  EXPECT_EQ(EntryId{*stored.get(mapi::PR_ENTRYID)}, entry);
  ASSERT_EQ(stored.recipients.size(), 2U);
  for (const auto& recipient : stored.recipients) {
    EXPECT_EQ(recipient.get(mapi::PR_RESPONSIBILITY), false);
  }
  EXPECT_NE(stored.recipients[0].get(mapi::PR_ROWID), stored.recipients[1].get(mapi::PR_ROWID));
}

TEST_P(Submission, OfSeveralIsOfEachByItselfAndInTheirOrder) {
  auto with_copy = letter("two");
  with_copy.attachments.push_back(mapi::make_attachment(letter("enclosed")));
  const auto results =
      client->submit_all(outbox(), {letter("one"), letter("none", 0), std::move(with_copy)});
  ASSERT_EQ(results.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<mapi::Failure>(results[1]));
  EXPECT_EQ(client->contents(outbox()).size(), 2U);
  const auto rows = client->outgoing_queue(std::nullopt, 10);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].entry_id, std::get<EntryId>(results[0]));
  EXPECT_EQ(rows[1].entry_id, std::get<EntryId>(results[2]));
  EXPECT_EQ(message(rows[0].entry_id).get(mapi::PR_SUBJECT), "one");
  EXPECT_EQ(message(rows[1].entry_id).attachments.size(), 1U);
  EXPECT_TRUE(client->submit_all(outbox(), {}).empty());
}

TEST_P(Submission, OfACreatedMessageEndsItsHandle) {
  const auto handle = client->create_message(outbox(), letter());
  const auto entry = handle->entry_id();
  EXPECT_FALSE(client->queue_row(entry));
  handle->edit().set(mapi::PR_SUBJECT, "changed before submission");
  handle->submit_message();
  EXPECT_EQ(client->queue_row(entry)->subject, "changed before submission");
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { (void)handle->entry_id(); }, [&] { (void)handle->message(); },
           [&] { handle->edit(); }, [&] { handle->save_changes(); },
           [&] { handle->submit_message(); }}) {
    EXPECT_EQ(code_of(call), mapi::MAPI_E_INVALID_OBJECT);
  }
}

TEST_P(Submission, WithoutRecipientsLeavesTheHandleUsable) {
  const auto handle = client->create_message(outbox(), letter("none", 0));
  handle->edit().recipients.emplace_back();  // a NULL row does not count
  EXPECT_EQ(code_of([&] { handle->submit_message(); }), mapi::MAPI_E_NO_RECIPIENTS);
  EXPECT_FALSE(client->queue_row(handle->entry_id()));
  handle->edit().recipients = letter().recipients;
  handle->submit_message();
  EXPECT_EQ(client->outgoing_queue().size(), 1U);
}

TEST_P(Submission, RefusedBySupportCreatesNothing) {
  support.on_prepare = [](Message&) {
    throw mapi::Failure(mapi::MAPI_E_NON_STANDARD, "no such type");
  };
  EXPECT_EQ(code_of([&] { submit(); }), mapi::MAPI_E_NON_STANDARD);
  EXPECT_TRUE(client->contents(outbox()).empty());
  const auto handle = client->create_message(outbox(), letter());
  const auto before = handle->message();
  EXPECT_EQ(code_of([&] { handle->submit_message(); }), mapi::MAPI_E_NON_STANDARD);
  EXPECT_EQ(handle->message().recipients, before.recipients);
  EXPECT_EQ(code_of([&] { handle->save_changes(); }), mapi::S_OK);
}

TEST_P(Submission, OfAnAssociatedMessageIsRefused) {
  auto hidden = letter();
  hidden.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_ASSOCIATED);
  EXPECT_EQ(code_of([&] { submit(hidden); }), mapi::MAPI_E_NO_ACCESS);
}

TEST_P(Submission, KeepsTheRowsPrepareSubmitHasAnswered) {
  support.on_prepare = [](Message& m) { m.recipients[0].set(mapi::PR_RESPONSIBILITY, true); };
  const auto stored = message(submit(letter("resend", 2)));
  EXPECT_EQ(stored.recipients[0].get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_EQ(stored.recipients[1].get(mapi::PR_RESPONSIBILITY), false);
}

TEST_P(Submission, RecipientsFromListsAreOpenAndNumbered) {
  support.on_expand = [](Message& m) {
    m.recipients.push_back(mapi::make_recipient(mapi::RecipientType::cc, "m@example.com", "M"));
    return mapi::StoreSupport::ExpandResult{};
  };
  const auto entry = submit();
  const auto stored = message(entry);
  ASSERT_EQ(stored.recipients.size(), 2U);
  EXPECT_EQ(stored.recipients[1].get(mapi::PR_RESPONSIBILITY), false);
  EXPECT_TRUE(stored.recipients[1].get(mapi::PR_ROWID));
  EXPECT_EQ(client->queue_row(entry)->display_cc, "M");
}

TEST_P(Submission, ThatExpandsToNobodyIsRefused) {
  support.on_expand = [](Message& m) {
    m.recipients.clear();
    return mapi::StoreSupport::ExpandResult{};
  };
  EXPECT_EQ(code_of([&] { submit(); }), mapi::MAPI_E_NO_RECIPIENTS);
}

TEST_P(Submission, ForgetsTheOutcomesOfAnEarlierOne) {
  auto again = letter();
  Outcome refused;
  refused.verdict = Verdict::failed;
  mapi::set_outcome(again.recipients[0], refused);
  again.recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  again.recipients[0].set(mapi::PR_POSTERN_REPORTED, true);
  again.set(mapi::PR_POSTERN_NEXT_ATTEMPT, mapi::FileTime{77});
  again.set(mapi::PR_POSTERN_RETRIES, 4);
  again.set(mapi::PR_POSTERN_TRANSCRIPT, "S: 220 mx.example");
  again.set(mapi::PR_POSTERN_ENVELOPE_ID, "of the earlier one");
  again.set(mapi::PR_POSTERN_LOSSES, "dropped\tbody\tit was lost\n");
  const auto entry = submit(again);
  const auto stored = message(entry);
  EXPECT_FALSE(mapi::outcome(stored.recipients[0]));
  EXPECT_EQ(stored.recipients[0].get(mapi::PR_RESPONSIBILITY), false);
  EXPECT_FALSE(stored.recipients[0].get(mapi::PR_POSTERN_REPORTED));
  EXPECT_FALSE(stored.get(mapi::PR_POSTERN_RETRIES)) << "the first pause is the shortest";
  EXPECT_FALSE(stored.get(mapi::PR_POSTERN_TRANSCRIPT));
  EXPECT_FALSE(stored.get(mapi::PR_POSTERN_LOSSES));
  EXPECT_FALSE(client->queue_row(entry)->next_attempt);
}

TEST_P(Submission, KeepsWhatWasLostBeforeTheFirstOne) {
  auto read = letter();
  read.set(mapi::PR_POSTERN_LOSSES, "dropped\tbody\tit was lost\n");
  EXPECT_EQ(message(submit(read)).get(mapi::PR_POSTERN_LOSSES), "dropped\tbody\tit was lost\n");
}

TEST_P(Submission, DefersByNumberAndUnitsWhateverTimeWasSet) {
  using namespace std::chrono_literals;
  const std::array<std::chrono::seconds, 4> units{1min, 1h, 24h, 7 * 24h};
  for (std::int32_t unit = 0; unit < 4; ++unit) {
    for (const std::int32_t number : {0, 2, 999}) {
      auto later = letter();
      later.set(mapi::PR_DEFERRED_SEND_NUMBER, number);
      later.set(mapi::PR_DEFERRED_SEND_UNITS, unit);
      later.set(mapi::PR_DEFERRED_SEND_TIME, mapi::FileTime{5});
      const auto row = client->queue_row(submit(later));
      ASSERT_TRUE(row->deferred_send_time);
      EXPECT_EQ(row->deferred_send_time->time_point() - row->client_submit_time.time_point(),
                number * units.at(static_cast<std::size_t>(unit)))
          << number << " of unit " << unit;
    }
  }
}

TEST_P(Submission, DeferredByWhatThePropertiesCannotMeanIsRefused) {
  const std::pair<std::int32_t, std::int32_t> cases[] = {{1000, 0}, {-1, 0}, {1, 4}, {1, -1}};
  for (const auto& [number, unit] : cases) {
    auto later = letter();
    later.set(mapi::PR_DEFERRED_SEND_NUMBER, number);
    later.set(mapi::PR_DEFERRED_SEND_UNITS, unit);
    EXPECT_EQ(code_of([&] { submit(later); }), mapi::MAPI_E_INVALID_PARAMETER)
        << number << " of unit " << unit;
  }
  EXPECT_TRUE(client->outgoing_queue().empty());
}

TEST_P(Submission, KeepsADeferredSendTimeOfItsOwn) {
  auto later = letter();
  later.set(mapi::PR_DEFERRED_SEND_TIME, mapi::FileTime{123});
  EXPECT_EQ(client->queue_row(submit(later))->deferred_send_time, mapi::FileTime{123});
}

TEST_P(Submission, LeavesInTheOrderItCame) {
  std::vector<EntryId> submitted;
  for (int i = 0; i < 25; ++i) submitted.push_back(submit(letter(std::to_string(i))));
  std::vector<EntryId> found;
  std::optional<mapi::MsgStore::QueuePosition> after;
  while (true) {
    const auto page = client->outgoing_queue(after, 10);
    if (page.empty()) break;
    for (const auto& row : page) found.push_back(row.entry_id);
    after = {page.back().client_submit_time, page.back().sequence};
  }
  EXPECT_EQ(found, submitted);
}

TEST_P(Submission, NeverGoesInFrontOfWhatWasQueuedBefore) {
  // The first one takes its submit time, then is overtaken before its commit.
  EntryId overtaker;
  support.on_expand = [&](Message& m) {
    if (m.get(mapi::PR_SUBJECT) == "slow") overtaker = submit(letter("fast"));
    return mapi::StoreSupport::ExpandResult{};
  };
  const auto slow = submit(letter("slow"));
  const auto passed = *client->queue_row(overtaker);
  const auto behind = client->outgoing_queue(
      mapi::MsgStore::QueuePosition{passed.client_submit_time, passed.sequence});
  ASSERT_EQ(behind.size(), 1U);
  EXPECT_EQ(behind[0].entry_id, slow);
}

TEST_P(Submission, ForPreprocessingIsTakenUpInASecondPass) {
  support.on_expand = [](Message&) {
    return mapi::StoreSupport::ExpandResult{.needs_preprocessing = true};
  };
  const auto first = submit_and_lock();
  const auto second = submit();
  EXPECT_EQ(client->queue_row(first)->submit_flags,
            mapi::SUBMITFLAG_PREPROCESS | mapi::SUBMITFLAG_LOCKED);
  const auto submitted = *client->queue_row(first);

  const auto handle = spooler->open_entry(first, Access::modify);
  handle->edit().recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  handle->edit().set(mapi::PR_BODY, "encrypted");
  support.on_prepare = [](Message&) { FAIL() << "the first pass is not repeated"; };
  handle->submit_message();

  const auto row = *client->queue_row(first);
  EXPECT_EQ(row.submit_flags, mapi::SUBMITFLAG_LOCKED);
  EXPECT_EQ(row.client_submit_time, submitted.client_submit_time);
  EXPECT_EQ(client->outgoing_queue().front().entry_id, first);
  const auto stored = spooler->open_entry(first, Access::read_only)->message();
  EXPECT_EQ(stored.get(mapi::PR_BODY), "encrypted");
  EXPECT_EQ(stored.recipients[0].get(mapi::PR_RESPONSIBILITY), true);
  const auto again = spooler->open_entry(first, Access::modify);
  EXPECT_EQ(code_of([&] { again->submit_message(); }), mapi::MAPI_E_SUBMITTED);
  (void)second;
}

TEST_P(Submission, MirrorsTheNextAttemptIntoTheQueue) {
  const auto entry = submit_and_lock();
  const auto handle = spooler->open_entry(entry, Access::modify);
  handle->edit().set(mapi::PR_POSTERN_NEXT_ATTEMPT, mapi::FileTime{99});
  handle->save_changes();
  EXPECT_EQ(client->queue_row(entry)->next_attempt, mapi::FileTime{99});
  handle->edit().erase(mapi::PR_POSTERN_NEXT_ATTEMPT);
  handle->save_changes();
  EXPECT_FALSE(client->queue_row(entry)->next_attempt);
}

TEST_P(Submission, HandleWithoutChangesTakesOverWhatAnotherHasSaved) {
  const auto entry = submit_and_lock();
  const auto idle = spooler->open_entry(entry, Access::modify);
  const auto busy = spooler->open_entry(entry, Access::modify);
  busy->edit().set(mapi::PR_POSTERN_RETRIES, 7);
  busy->save_changes();
  idle->save_changes();
  EXPECT_EQ(idle->message().get(mapi::PR_POSTERN_RETRIES), 7);
}

TEST_P(Submission, HandleWithoutChangesIsToldAllTheSameWhatItMayNotSave) {
  const auto entry = submit_and_lock();
  const auto of_a_spooler = spooler->open_entry(entry, Access::modify);
  spooler.reset();
  EXPECT_EQ(code_of([&] { of_a_spooler->save_changes(); }), mapi::MAPI_E_SUBMITTED);
  const auto deleted = client->create_message(outbox(), letter());
  client->delete_messages({deleted->entry_id()});
  EXPECT_EQ(code_of([&] { deleted->save_changes(); }), mapi::MAPI_E_OBJECT_DELETED);
}

TEST_P(Submission, FinishedIsKeptWhereItWas) {
  auto with_envelope_row = letter("kept", 1);
  auto envelope_only = letter().recipients[0];
  envelope_only.set(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(mapi::RecipientType::p1));
  with_envelope_row.recipients.insert(with_envelope_row.recipients.begin(), envelope_only);
  const auto entry = submit_and_lock(with_envelope_row);
  spooler->finished_msg(entry);
  EXPECT_TRUE(client->outgoing_queue().empty());
  const auto stored = message(entry);
  EXPECT_EQ(stored.get(mapi::PR_MESSAGE_FLAGS), 0);
  EXPECT_FALSE(stored.get(mapi::PR_SUBMIT_FLAGS));
  ASSERT_EQ(stored.recipients.size(), 1U);
  EXPECT_EQ(stored.recipients[0].get(mapi::PR_RECIPIENT_TYPE), 1);
  EXPECT_EQ(client->contents(outbox()).size(), 1U);
}

TEST_P(Submission, FinishedIsMovedToTheSentMailFolder) {
  support.on_sent = [](const Message&) { return SentMail::move; };
  auto to_move = letter();
  to_move.set(mapi::PR_SENTMAIL_ENTRYID, client->folder(SpecialFolder::sent_items).bytes);
  const auto entry = submit_and_lock(to_move);
  spooler->finished_msg(entry);
  EXPECT_TRUE(client->contents(outbox()).empty());
  const auto sent = client->contents(client->folder(SpecialFolder::sent_items));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].entry_id, entry);
  EXPECT_EQ(sent[0].subject, "Hello");
  EXPECT_TRUE(sent[0].time);
}

TEST_P(Submission, FinishedKeepsWhatAHookHasMadeOfIt) {
  const auto inbox = client->folder(SpecialFolder::inbox).bytes;
  support.on_sent = [&inbox](Message& kept) {  // which is not called back into the store
    EXPECT_EQ(kept.get(mapi::PR_SUBJECT), "Hello");
    kept.set(mapi::PR_SUBJECT, "Filed");
    kept.set(mapi::PR_SENTMAIL_ENTRYID, inbox);
    return SentMail::move;
  };
  const auto entry = submit_and_lock();
  spooler->finished_msg(entry);
  const auto filed = client->contents(client->folder(SpecialFolder::inbox));
  ASSERT_EQ(filed.size(), 1U);
  EXPECT_EQ(filed[0].subject, "Filed");
}

TEST_P(Submission, FinishedIsMovedToAnyFolderThatIsNamed) {
  support.on_sent = [](const Message&) { return SentMail::move; };
  provider->create_mailbox({"sales"});
  const auto other = provider->logon({"sales"});
  for (const auto& folder :
       {client->create_folder(root(), "Sent by me"), other->folder(SpecialFolder::sent_items)}) {
    auto to_move = letter();
    to_move.set(mapi::PR_SENTMAIL_ENTRYID, folder.bytes);
    const auto entry = submit_and_lock(to_move);
    spooler->finished_msg(entry);
    EXPECT_EQ(entries_in(folder), std::vector{entry});
  }
}

TEST_P(Submission, FinishedStaysWithAWarningWhenTheSentMailFolderIsMissing) {
  support.on_sent = [](const Message&) { return SentMail::move; };
  const auto deleted = client->create_folder(root(), "deleted");
  client->delete_folder(deleted, mapi::FolderDeletion::only_if_empty);
  Told told;
  const auto subscription = client->advise(told.observer());
  for (const auto& folder : {mapi::Binary{}, deleted.bytes, mapi::Binary(99, std::byte{7})}) {
    auto to_move = letter();
    to_move.set(mapi::PR_SENTMAIL_ENTRYID, folder);
    const auto entry = submit_and_lock(to_move);
    spooler->finished_msg(entry);
    EXPECT_EQ(client->contents(outbox()).back().entry_id, entry);
    EXPECT_EQ(message(entry).get(mapi::PR_MESSAGE_FLAGS), 0) << "it is sent all the same";
    EXPECT_TRUE(told.warned_about(entry));
  }
}

TEST_P(Submission, FinishedWithTheLastChangesOfItsHandleAndThoseOfOthers) {
  const auto entry = submit_and_lock();
  const auto handle = spooler->open_entry(entry, Access::modify);
  handle->edit().recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  client->receive_report(
      entry, [](Message& about) { about.set(mapi::PR_POSTERN_TRANSCRIPT, "came back"); },
      Message{});
  spooler->save_and_finish(*handle);
  EXPECT_TRUE(client->queue_is_empty());
  const auto stored = message(entry);
  EXPECT_EQ(stored.recipients[0].get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_EQ(stored.get(mapi::PR_POSTERN_TRANSCRIPT), "came back");
  EXPECT_EQ(stored.get(mapi::PR_MESSAGE_FLAGS), 0);
}

TEST_P(Submission, WhatCannotBeFinishedIsNotSaved) {
  const auto entry = submit_and_lock();
  const auto handle = spooler->open_entry(entry, Access::modify);
  handle->edit().recipients[0].set(mapi::PR_RESPONSIBILITY, true);
  spooler->set_lock_state(entry, mapi::LockState::unlocked);
  EXPECT_EQ(code_of([&] { spooler->save_and_finish(*handle); }), mapi::MAPI_E_NO_ACCESS);
  EXPECT_EQ(message(entry).recipients[0].get_or(mapi::PR_RESPONSIBILITY, false), false);
  spooler->set_lock_state(entry, mapi::LockState::locked);
  spooler->save_and_finish(*handle);
  EXPECT_EQ(message(entry).recipients[0].get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_EQ(code_of([&] { spooler->finished_msg(entry); }), mapi::MAPI_E_NOT_IN_QUEUE);
}

TEST_P(Submission, FinishedIsDeletedWhenAsked) {
  support.on_sent = [](const Message&) { return SentMail::remove; };
  const auto entry = submit_and_lock();
  spooler->finished_msg(entry);
  EXPECT_EQ(code_of([&] { (void)message(entry); }), mapi::MAPI_E_NOT_FOUND);
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), mapi::MAPI_E_NOT_IN_QUEUE);
}

TEST_P(Submission, CancelledIsEditableAgainAndKeepsItsVerdicts) {
  const auto entry = submit_and_lock(letter("two", 2));
  const auto at_work = spooler->open_entry(entry, Access::modify);
  at_work->edit().recipients[1].set(mapi::PR_RESPONSIBILITY, true);
  at_work->edit().set(mapi::PR_POSTERN_NEXT_ATTEMPT, mapi::FileTime{99});
  at_work->save_changes();
  spooler->set_lock_state(entry, LockState::unlocked);
  client->abort_submit(entry);
  const auto handle = client->open_entry(entry, Access::modify);
  EXPECT_EQ(handle->message().get(mapi::PR_MESSAGE_FLAGS), mapi::MSGFLAG_UNSENT);
  EXPECT_FALSE(handle->message().get(mapi::PR_SUBMIT_FLAGS));
  EXPECT_EQ(handle->message().recipients[1].get(mapi::PR_RESPONSIBILITY), true);
  handle->submit_message();
  EXPECT_EQ(message(entry).recipients[1].get(mapi::PR_RESPONSIBILITY), false);
  EXPECT_FALSE(client->queue_row(entry)->next_attempt);
}

TEST_P(Submission, CancelledResendRemembersWhoHasTheMessage) {
  constexpr auto envelope_only = static_cast<std::int32_t>(mapi::RecipientType::p1);
  auto resend = letter("resend", 3);
  resend.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_RESEND);
  resend.recipients[2].set(mapi::PR_RECIPIENT_TYPE, envelope_only);
  support.on_prepare = [](Message& m) {
    for (const std::size_t served : {0U, 2U}) {
      m.recipients[served].set(mapi::PR_RESPONSIBILITY, true);
    }
  };
  const auto entry = submit(resend);
  client->abort_submit(entry);
  const auto stored = message(entry);
  EXPECT_EQ(stored.recipients[0].get(mapi::PR_RECIPIENT_TYPE), 1 | mapi::MAPI_SUBMITTED);
  EXPECT_EQ(stored.recipients[1].get(mapi::PR_RECIPIENT_TYPE), 1);
  EXPECT_EQ(stored.recipients.size(), 2U) << "who was reached by the envelope is not reached again";
}

TEST_P(Submission, ReportAndItsMarkAreOneStep) {
  const auto entry = submit_and_lock();
  auto handle = spooler->open_entry(entry, Access::modify);
  handle->edit().recipients[0].set(mapi::PR_POSTERN_REPORTED, true);
  Message report = letter("Undeliverable");
  report.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNMODIFIED);
  report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
  const auto made = spooler->create_report(*handle, report);
  EXPECT_EQ(made.folder, client->receive_folder("REPORT.IPM.Note.NDR"));
  EXPECT_EQ(made.message_class, "REPORT.IPM.Note.NDR");
  EXPECT_EQ(message(made.message).get(mapi::PR_MESSAGE_FLAGS), mapi::MSGFLAG_UNMODIFIED);
  EXPECT_EQ(spooler->open_entry(entry, Access::read_only)
                ->message()
                .recipients[0]
                .get(mapi::PR_POSTERN_REPORTED),
            true);
  EXPECT_EQ(code_of([&] { client->create_report(*handle, report); }), mapi::MAPI_E_NO_SUPPORT);
}

/// §3.8: the submission too is part of the step.
TEST_P(Submission, ReportForSomebodyElseIsSubmittedWithItsMark) {
  const auto entry = submit_and_lock();
  auto handle = spooler->open_entry(entry, Access::modify);
  handle->edit().recipients[0].set(mapi::PR_POSTERN_REPORTED, true);
  Message report = letter("Undeliverable");
  report.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
  report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
  const auto made = spooler->create_report(*handle, report);
  EXPECT_EQ(made.folder, outbox());
  const auto queued = client->queue_row(made.message);
  ASSERT_TRUE(queued);
  EXPECT_EQ(queued->subject, "Undeliverable");
  EXPECT_NE(message(made.message).get_or(mapi::PR_MESSAGE_FLAGS, 0) & mapi::MSGFLAG_SUBMIT, 0);
  EXPECT_FALSE(std::string(message(made.message).get_or(mapi::PR_POSTERN_ENVELOPE_ID, "")).empty());
  EXPECT_EQ(spooler->open_entry(entry, Access::read_only)
                ->message()
                .recipients[0]
                .get(mapi::PR_POSTERN_REPORTED),
            true);
}

TEST_P(Submission, ReportThatCannotBeSubmittedLeavesNoMark) {
  const auto entry = submit_and_lock();
  auto handle = spooler->open_entry(entry, Access::modify);
  handle->edit().recipients[0].set(mapi::PR_POSTERN_REPORTED, true);
  Message report = letter("Undeliverable", 0);
  report.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
  EXPECT_EQ(code_of([&] { spooler->create_report(*handle, report); }), mapi::MAPI_E_NO_RECIPIENTS);
  EXPECT_FALSE(spooler->open_entry(entry, Access::read_only)
                   ->message()
                   .recipients[0]
                   .get_or(mapi::PR_POSTERN_REPORTED, false));
}

TEST_P(Submission, EachHasAnEnvelopeIdOfItsOwnByWhichItIsFound) {
  auto brought_along = letter();
  brought_along.set(mapi::PR_POSTERN_ENVELOPE_ID, "brought along");
  brought_along.set(mapi::PR_INTERNET_MESSAGE_ID, "<1@example.com>");
  const auto id_of = [this](const EntryId& entry) {
    return std::string(message(entry).get_or(mapi::PR_POSTERN_ENVELOPE_ID, ""));
  };
  const auto find = [this](mapi::MsgStore::Correlator by, const std::string& value) {
    return client->find_messages(by, value);
  };
  using enum mapi::MsgStore::Correlator;
  const auto first = submit(brought_along);
  const auto second = submit(brought_along);
  const auto id = id_of(first);
  EXPECT_EQ(id.size(), 32U);
  EXPECT_NE(id, id_of(second));
  EXPECT_EQ(find(envelope_id, id), std::vector{first});
  EXPECT_EQ(find(message_id, "<1@example.com>"), (std::vector{second, first})) << "newest first";
  EXPECT_EQ(client->find_messages(message_id, "<1@example.com>", 1), std::vector{second});
  EXPECT_TRUE(find(envelope_id, "brought along").empty());
  EXPECT_TRUE(find(envelope_id, "").empty());

  client->abort_submit(first);
  client->open_entry(first, Access::modify)->submit_message();
  EXPECT_NE(id_of(first), id) << "it is another submission";
  EXPECT_TRUE(find(envelope_id, id).empty());

  auto with_copy = letter();
  with_copy.attachments.push_back(mapi::make_attachment(message(second)));
  client->create_message(outbox(), with_copy);
  EXPECT_EQ(find(envelope_id, id_of(second)), std::vector{second}) << "not what is enclosed";
  client->abort_submit(second);
  const auto copy = client->copy_messages({second}, outbox()).done.at(0);
  EXPECT_EQ(find(envelope_id, id_of(second)), std::vector{second}) << "a copy was not submitted";
  EXPECT_EQ(find(message_id, "<1@example.com>"), (std::vector{copy, second, first}));
  provider->create_mailbox({"other"});
  EXPECT_EQ(provider->logon({"other"})->find_messages(envelope_id, id_of(second)),
            std::vector{second})
      << "in whatever mailbox";
}

}  // namespace
}  // namespace postern::store::test
