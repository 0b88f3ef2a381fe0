// Acceptance scenarios about the outgoing queue (mapi-submission.md §17).
#include "tests/acceptance/mail_system.h"

namespace postern::acceptance {
namespace {

using mapi::Access;
using mapi::SpecialFolder;
using mapi::SubmitKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class Queue : public MailSystem {};
POSTERN_WITH_EVERY_STORE(Queue);

/// What a client gets that opens the message so.
struct Opening {
  Access access;
  mapi::Code queued;
  mapi::Code locked;
};

TEST_P(Queue, Scenario08_OpeningDependsOnTheState) {
  constexpr std::array<Opening, 3> table{{
      {Access::read_only, mapi::S_OK, mapi::MAPI_E_NO_ACCESS},
      {Access::best_access, mapi::S_OK, mapi::MAPI_E_NO_ACCESS},
      {Access::modify, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_SUBMITTED},
  }};
  const auto entry = submit(letter_to({"a@b.example"}));
  spooler_logon = provider->spooler_logon();
  for (const auto& row : table) {
    const auto open = [&] { client->open_entry(entry, row.access); };
    EXPECT_EQ(code_of(open), row.queued);
    spooler_logon->set_lock_state(entry, mapi::LockState::locked);
    EXPECT_EQ(code_of(open), row.locked);
    spooler_logon->set_lock_state(entry, mapi::LockState::unlocked);
  }
  const auto reading = client->open_entry(entry, Access::best_access);
  EXPECT_EQ(code_of([&] { reading->edit(); }), mapi::MAPI_E_NO_ACCESS);
}

TEST_P(Queue, Scenario09_SpoolerThatDiesLeavesWhatAnotherOneCompletes) {
  auto letter = moved_when_sent(letter_to({"a@b.example", "refuse-550@b.example"}));
  const auto locked = submit(letter);
  const auto half_sent = submit(letter);
  const auto unreported = submit(letter);
  {
    spooler_logon = provider->spooler_logon();
    ASSERT_EQ(spooler_logon->claim(mapi::FileTime::now(), 10).size(), 3U);
    const auto settle = [&](const mapi::EntryId& entry, std::size_t row, bool delivered) {
      const auto handle = spooler_logon->open_entry(entry, Access::modify);
      auto& recipient = handle->edit().recipients.at(row);
      mapi::set_outcome(recipient, {.verdict = delivered ? Verdict::delivered : Verdict::failed,
                                    .stage = Stage::end,
                                    .code = delivered ? 250 : 550,
                                    .status = {delivered ? 2 : 5, 1, delivered ? 5 : 1},
                                    .text = "said before the crash",
                                    .host = "mx",
                                    .time = std::chrono::system_clock::now()});
      recipient.set(mapi::PR_RESPONSIBILITY, true);
      handle->save_changes();
    };
    settle(half_sent, 0, true);
    settle(unreported, 0, true);
    settle(unreported, 1, false);
    spooler_logon.reset();  // it dies here
  }
  send_all({&smtp()});
  EXPECT_THAT(served(), ElementsAre("a@b.example")) << "of the message that was only locked";
  EXPECT_EQ(messages_in(SpecialFolder::sent_items).size(), 3U);
  EXPECT_EQ(messages_in(SpecialFolder::inbox).size(), 3U) << "a report for each";
  EXPECT_EQ(outcome(unreported, 1).text, "said before the crash");
  EXPECT_FALSE(is_queued(locked));
}

TEST_P(Queue, Scenario15_TransportKeepsAMessageAndAsksForIt) {
  ScriptedTransport transport;
  transport.leaves_everything = true;
  transport.end = mapi::EndMessage::dont_resend;
  const auto entry = submit(letter_to({"a@b.example"}));
  const auto other = submit(letter_to({"b@b.example"}));
  const auto spooler = spool({&transport});
  ASSERT_TRUE(spooler->wait_idle(soon()));
  client->abort_submit(other);
  transport.leaves_everything = false;
  transport.end = mapi::EndMessage::done;
  transport.support().sent_deferred(entry);
  EXPECT_TRUE(spooler->wait_empty(soon()));
  EXPECT_THAT(transport.kinds(),
              ElementsAre(SubmitKind::normal, SubmitKind::normal, SubmitKind::deferred));
  const auto end = soon();
  while (transport.aborted().empty() && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_THAT(transport.aborted(), ElementsAre(Pair(other, true)));
  EXPECT_THAT(messages_in(SpecialFolder::inbox), IsEmpty());
}

TEST_P(Queue, Scenario17_DeferredMessageWaitsAndLaterOnesOvertakeIt) {
  auto by_time = letter_to({"time@b.example"});
  by_time.set(mapi::PR_DEFERRED_SEND_TIME, mapi::FileTime::now() + std::chrono::hours{1});
  auto by_number = letter_to({"number@b.example"});
  by_number.set(mapi::PR_DEFERRED_SEND_NUMBER, 2);
  by_number.set(mapi::PR_DEFERRED_SEND_UNITS, 1);
  auto soon_due = letter_to({"soon@b.example"});
  soon_due.set(mapi::PR_DEFERRED_SEND_TIME, mapi::FileTime::now() + std::chrono::milliseconds{300});
  const auto first = submit(by_time);
  const auto second = submit(by_number);
  submit(soon_due);
  submit(letter_to({"now@b.example"}));
  const auto spooler = spool({&smtp()});
  EXPECT_TRUE(server.wait_for(2, std::chrono::seconds{30}));
  EXPECT_THAT(served(), ElementsAre("now@b.example", "soon@b.example"));
  EXPECT_TRUE(is_queued(first));
  const auto row = client->queue_row(second);
  ASSERT_TRUE(row && row->deferred_send_time);
  EXPECT_GT(*row->deferred_send_time, mapi::FileTime::now() + std::chrono::minutes{119});
}

TEST_P(Queue, Scenario21_StoreClosedWhileLockedSendsInTheNextSession) {
  const auto entry = submit(letter_to({"a@b.example"}));
  spooler_logon = provider->spooler_logon();
  spooler_logon->set_lock_state(entry, mapi::LockState::locked);
  spooler_logon.reset();
  if (GetParam() == StoreKind::sqlite) open_store();
  const auto row = client->queue_row(entry);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->submit_flags & mapi::SUBMITFLAG_LOCKED, 0);
  send_all({&smtp()});
  EXPECT_THAT(served(), ElementsAre("a@b.example"));
}

TEST_P(Queue, Scenario23_FlushTriesWhatIsHeldAndTheStatusTableShowsIt) {
  options.retry.intervals = {std::chrono::hours{1}};
  ScriptedTransport transport;
  transport.script["a@b.example"] = {Verdict::retry, Verdict::delivered};
  submit(letter_to({"a@b.example"}));
  const auto spooler = spool({&transport});
  ASSERT_TRUE(spooler->wait_idle(soon()));
  transport.support().unavailable(std::chrono::system_clock::now() + std::chrono::hours{1},
                                  "the line is dead");
  const auto status = [&] { return spooler->status().at(1).get_or(mapi::PR_STATUS_CODE, 0); };
  EXPECT_NE(status() & mapi::STATUS_OFFLINE, 0);
  spooler->flush();
  EXPECT_TRUE(spooler->wait_empty(soon()));
  EXPECT_EQ(status() & mapi::STATUS_OFFLINE, 0);
  EXPECT_NE(status() & mapi::STATUS_AVAILABLE, 0);
  const auto end = soon();
  while ((status() & mapi::STATUS_OUTBOUND_FLUSH) != 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_EQ(transport.ended_flushes, 1);
}

}  // namespace
}  // namespace postern::acceptance
