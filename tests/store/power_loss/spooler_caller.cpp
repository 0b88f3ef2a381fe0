#include <chrono>
#include <utility>

#include "tests/store/power_loss/callers.h"
#include "tests/store/power_loss/letters.h"

namespace postern::store::test {
namespace {

/// A save of a message that is queued writes its row anew, by what the message says.
void save_queued(Expected& letter) {
  if (!letter.next_attempt) return;
  letter.next_attempt.reset();
  letter.held_without_end = false;
}

/// What becomes of a message that was sent.
std::optional<Expected> when_finished(Expected letter) {
  if (letter.value.get_or(mapi::PR_DELETE_AFTER_SUBMIT, false)) return std::nullopt;
  if (const auto* folder = letter.value.get(mapi::PR_SENTMAIL_ENTRYID)) {
    letter.folder = mapi::EntryId{*folder};
  }
  letter.leave_queue(0);
  return letter;
}

}  // namespace

SpoolerCaller::SpoolerCaller(Machine& machine, std::uint64_t seed) : Caller(machine, seed) {
  log_on();
}

/// Which ends what was held for as long as the last spooler was logged on.
void SpoolerCaller::log_on() {
  Step step{"spooler_logon"};
  std::vector<Hand> held;
  while (auto letter = take(ObjectKind::message,
                            [](const Expected& state) { return state.held_without_end; })) {
    auto after = letter->state;
    after.held_without_end = false;
    step.after.emplace(letter->number, after);
    held.push_back(*std::move(letter));
  }
  call(step, [&] { store_ = machine_.provider.spooler_logon(); });
}

void SpoolerCaller::act() {
  if (claimed_.empty()) {
    if (dice_.chance(15)) return lock_one();
    claim(dice_.between(1, 4));
    return;
  }
  const auto choice = dice_.below(100);
  if (choice < 25) return attempt(claimed_.back());
  if (choice < 40) return report(claimed_.back());
  const auto letter = std::move(claimed_.back());
  claimed_.pop_back();
  if (choice < 55) return hold(letter);
  if (choice < 75) return save_and_finish(letter);
  if (choice < 85) return finish(letter);
  if (choice < 90) return abort(letter);
  unlock(letter.entry);
}

/// Returns whether there were any.
bool SpoolerCaller::claim(std::size_t limit) {
  const auto claims = ask([&] { return store_->claim(mapi::FileTime::now(), limit); });
  for (const auto& [entry, flags] : claims) {
    auto letter = take(entry);
    if (!letter) {  // a client has it in hands, or its submission has not returned yet
      unlock(entry);
      continue;
    }
    const auto& state = letter->state;  // a client may have put it on hold behind the claim
    if (!state.is_queued() || state.held_without_end) {
      machine_.ledger.complain("'" + name_of(ObjectKind::message, state.value) +
                               "' was claimed and is not due");
    }
    claimed_.push_back(*std::move(letter));
  }
  return !claims.empty();
}

void SpoolerCaller::unlock(const mapi::EntryId& entry) {
  call({"set_lock_state"}, [&] { store_->set_lock_state(entry, mapi::LockState::unlocked); });
}

/// Whatever it waits for.
void SpoolerCaller::lock_one() {
  auto letter = take(ObjectKind::message, [](const Expected& state) { return state.is_queued(); });
  if (!letter) return;
  call({"set_lock_state"}, [&] { store_->set_lock_state(letter->entry, mapi::LockState::locked); });
  claimed_.push_back(*std::move(letter));
}

void SpoolerCaller::attempt(Hand& letter) {
  auto after = letter.state;
  auto again = dice_;
  record_attempt(dice_, after.value);
  save_queued(after);
  call({"save_changes of an attempt", {{letter.number, after}}}, [&] {
    const auto handle = store_->open_entry(letter.entry, mapi::Access::modify);
    record_attempt(again, handle->edit());
    handle->save_changes();
  });
  letter.state = after;
}

/// For the mailbox of the message, or for somebody else.
void SpoolerCaller::report(Hand& letter) {
  if (letter.state.value.recipients.empty()) return;
  const auto mailbox = ask([&] { return store_->mailbox_of(letter.entry); });
  const auto& places = machine_.places.at(mailbox.name);
  auto report = random_report(dice_, new_name("report"));
  const bool is_for_others = dice_.chance(30);
  const auto mark = [](mapi::Message& message) {
    message.recipients.front().set(mapi::PR_POSTERN_REPORTED, true);
  };
  auto after = letter.state;
  mark(after.value);
  save_queued(after);
  Expected expected{.folder = places.inbox, .value = report};
  if (is_for_others) {
    expected = {.folder = places.outbox,
                .value = as_submitted(report),
                .sending = mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT};
  }
  report.set(mapi::PR_MESSAGE_FLAGS, is_for_others ? mapi::MSGFLAG_UNSENT : 0);
  const auto number = add_object();
  call({"create_report", {{letter.number, after}, {number, expected}}}, [&] {
    const auto handle = store_->open_entry(letter.entry, mapi::Access::modify);
    mark(handle->edit());
    machine_.ledger.tell(number, store_->create_report(*handle, report).message);
  });
  letter.state = after;
}

/// Until a time that is past, one that does not come, or the end of this logon.
void SpoolerCaller::hold(const Hand& letter) {
  constexpr std::uint64_t past = 1;
  constexpr std::uint64_t far = std::uint64_t{1} << 62U;
  auto after = letter.state;
  std::optional<mapi::FileTime> until;
  if (dice_.chance(70)) until = mapi::FileTime{dice_.chance(50) ? past : far};
  if (until) after.next_attempt = until;
  if (!until && !after.on_hold) after.held_without_end = true;
  call({"hold", {{letter.number, after}}}, [&] { store_->hold(letter.entry, until); });
}

void SpoolerCaller::save_and_finish(const Hand& letter) {
  auto after = letter.state;
  auto again = dice_;
  record_attempt(dice_, after.value);
  call({"save_and_finish", {{letter.number, when_finished(after)}}}, [&] {
    const auto handle = store_->open_entry(letter.entry, mapi::Access::modify);
    record_attempt(again, handle->edit());
    store_->save_and_finish(*handle);
  });
}

void SpoolerCaller::finish(const Hand& letter) {
  call({"finished_msg", {{letter.number, when_finished(letter.state)}}},
       [&] { store_->finished_msg(letter.entry); });
}

void SpoolerCaller::abort(const Hand& letter) {
  auto after = letter.state;
  after.leave_queue(mapi::MSGFLAG_UNSENT);
  call({"abort_submit by the spooler", {{letter.number, after}}},
       [&] { store_->abort_submit(letter.entry); });
}

void SpoolerCaller::work_off() {
  claimed_.clear();
  store_.reset();
  log_on();
  while (const auto letter =
             take(ObjectKind::message, [](const Expected& state) { return state.on_hold; })) {
    auto after = letter->state;
    after.on_hold = false;
    call({"set_on_hold", {{letter->number, after}}},
         [&] { store_->set_on_hold(letter->entry, false); });
  }
  while (const auto letter = take(ObjectKind::message, [](const Expected& state) {
           return state.next_attempt.has_value();
         })) {
    auto after = letter->state;
    after.next_attempt.reset();
    call({"retry_now", {{letter->number, after}}}, [&] { store_->retry_now(letter->entry); });
  }
  while (claim(10)) {
    for (const auto& letter : std::exchange(claimed_, {})) save_and_finish(letter);
  }
  if (!ask([&] { return store_->queue_is_empty(); })) {
    machine_.ledger.complain("the queue cannot be worked off");
  }
}

}  // namespace postern::store::test
