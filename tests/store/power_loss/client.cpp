#include <array>
#include <utility>

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>

#include "tests/store/power_loss/callers.h"
#include "tests/store/power_loss/letters.h"

namespace postern::store::test {
namespace {

constexpr std::int32_t queued = mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT;

bool is_not_queued(const Expected& letter) {
  return !letter.is_queued();
}
bool is_queued(const Expected& letter) {
  return letter.is_queued();
}
bool is_draft(const Expected& letter) {
  return letter.sending == mapi::MSGFLAG_UNSENT && !letter.value.recipients.empty();
}
bool is_any(const Expected& /*object*/) {
  return true;
}

/// Where it goes when it was sent.
void choose_end(Dice& dice, const Places& places, mapi::Message& letter) {
  if (dice.chance(40)) letter.set(mapi::PR_SENTMAIL_ENTRYID, places.sent_items.bytes);
  if (dice.chance(20)) letter.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
}

}  // namespace

/// How often each call is made.
struct ClientActs {
  struct Act {
    unsigned weight;
    void (Client::*act)();
  };
  static constexpr std::array all{
      Act{30, &Client::submit},       Act{12, &Client::create},    Act{10, &Client::change},
      Act{8, &Client::submit_draft},  Act{8, &Client::abort},      Act{8, &Client::remove},
      Act{6, &Client::move},          Act{5, &Client::copy},       Act{4, &Client::set_on_hold},
      Act{4, &Client::retry_now},     Act{4, &Client::receive},    Act{4, &Client::receive_report},
      Act{2, &Client::create_folder}, Act{4, &Client::checkpoint},
  };
  static constexpr unsigned weight = [] {
    unsigned sum = 0;
    for (const auto& act : all) sum += act.weight;
    return sum;
  }();
};

Client::Client(Machine& machine, const std::string& mailbox, std::uint64_t seed)
    : Caller(machine, seed),
      mailbox_(mailbox),
      store_(ask([&] { return machine.provider.logon({mailbox}); })) {}

void Client::act() {
  auto at = dice_.below(ClientActs::weight);
  for (const auto& [weight, act] : ClientActs::all) {
    if (at < weight) return (this->*act)();
    at -= weight;
  }
}

void Client::submit() {
  const auto& places = machine_.places.at(mailbox_);
  auto letter = random_letter(dice_, new_name("letter"));
  choose_end(dice_, places, letter);
  const auto number = add_object();
  const Expected expected{
      .folder = places.outbox, .value = as_submitted(letter), .sending = queued};
  Step step{"submit", {{number, expected}}};
  add_deliveries(step, expected.value);
  call(step, [&] { machine_.ledger.tell(number, store_->submit(places.outbox, letter)); });
}

void Client::create() {
  auto letter = random_letter(dice_, new_name("draft"));
  choose_end(dice_, machine_.places.at(mailbox_), letter);
  const auto number = add_object();
  const Expected expected{.folder = any_folder(), .value = letter, .sending = mapi::MSGFLAG_UNSENT};
  std::unique_ptr<mapi::MessageHandle> handle;
  call({"create_message", {{number, expected}}}, [&] {
    handle = store_->create_message(expected.folder, letter);
    machine_.ledger.tell(number, handle->entry_id());
  });
  auto draft = take(handle->entry_id());
  if (!draft || !is_draft(draft->state)) return;
  if (dice_.chance(50)) return;
  // The same handle goes on.
  auto after = draft->state;
  auto again = dice_;
  change_letter(dice_, after.value);
  call({"save_changes of a new message", {{number, after}}}, [&] {
    change_letter(again, handle->edit());
    handle->save_changes();
  });
}

void Client::change() {
  const auto letter = take(ObjectKind::message, is_not_queued);
  if (!letter) return;
  auto after = letter->state;
  auto again = dice_;
  change_letter(dice_, after.value);
  call({"save_changes", {{letter->number, after}}}, [&] {
    const auto handle = store_->open_entry(letter->entry, mapi::Access::modify);
    change_letter(again, handle->edit());
    handle->save_changes();
  });
}

void Client::submit_draft() {
  const auto draft = take(ObjectKind::message, is_draft);
  if (!draft) return;
  auto after = draft->state;
  after.value = as_submitted(std::move(after.value));
  after.sending = queued;
  Step step{"submit_message", {{draft->number, after}}};
  add_deliveries(step, after.value);
  call(step, [&] { store_->open_entry(draft->entry, mapi::Access::modify)->submit_message(); });
}

void Client::abort() {
  const auto letter = take(ObjectKind::message, is_queued);
  if (!letter) return;
  auto after = letter->state;
  after.leave_queue(mapi::MSGFLAG_UNSENT);
  call(
      {"abort_submit", {{letter->number, after}}}, [&] { store_->abort_submit(letter->entry); },
      mapi::MAPI_E_UNABLE_TO_ABORT);
}

std::vector<Caller::Hand> Client::take_some_unqueued() {
  std::vector<Hand> letters;
  for (auto count = dice_.between(1, 3); count > 0; --count) {
    if (auto letter = take(ObjectKind::message, is_not_queued)) {
      letters.push_back(*std::move(letter));
    }
  }
  return letters;
}

void Client::require_done(const mapi::FolderOperation& operation) const {
  if (operation.skipped.empty()) return;
  throw mapi::Failure(operation.skipped.front().why, "it was skipped");
}

void Client::remove() {
  const auto letters = take_some_unqueued();
  Step step{"delete_messages"};
  std::vector<mapi::EntryId> entries;
  for (const auto& letter : letters) {
    step.after.emplace(letter.number, std::nullopt);
    entries.push_back(letter.entry);
  }
  call(step, [&] { require_done(store_->delete_messages(entries)); });
}

void Client::move() {
  const auto letters = take_some_unqueued();
  const auto folder = any_folder();
  Step step{"move_messages"};
  std::vector<mapi::EntryId> entries;
  for (const auto& letter : letters) {
    auto after = letter.state;
    after.folder = folder;
    step.after.emplace(letter.number, after);
    entries.push_back(letter.entry);
  }
  call(step, [&] { require_done(store_->move_messages(entries, folder)); });
}

void Client::copy() {
  const auto letter = take(ObjectKind::message, is_not_queued);
  if (!letter) return;
  const auto number = add_object();
  auto after = letter->state;
  after.folder = any_folder();
  call({"copy_messages", {{number, after}}}, [&] {
    const auto done = store_->copy_messages({letter->entry}, after.folder);
    require_done(done);
    machine_.ledger.tell(number, done.done.front());
  });
}

void Client::set_on_hold() {
  const auto letter = take(ObjectKind::message, is_queued);
  if (!letter) return;
  auto after = letter->state;
  after.on_hold = !after.on_hold;
  if (after.on_hold) after.held_without_end = false;
  call({"set_on_hold", {{letter->number, after}}},
       [&] { store_->set_on_hold(letter->entry, after.on_hold); });
}

void Client::retry_now() {
  const auto letter = take(ObjectKind::message, is_queued);
  if (!letter) return;
  auto after = letter->state;
  if (!after.on_hold) {
    after.next_attempt.reset();
    after.held_without_end = false;
  }
  call({"retry_now", {{letter->number, after}}}, [&] { store_->retry_now(letter->entry); });
}

void Client::receive() {
  const auto letter = random_letter(dice_, new_name("incoming"));
  const auto number = add_object();
  const Expected expected{.folder = machine_.places.at(mailbox_).inbox, .value = letter};
  call({"receive", {{number, expected}}},
       [&] { machine_.ledger.tell(number, store_->receive(letter, {mailbox_}).message); });
}

void Client::receive_report() {
  const auto about = take(ObjectKind::message, is_any);
  if (!about || about->state.value.recipients.empty()) return;
  const auto mailbox = ask([&] { return store_->mailbox_of(about->entry); });
  const auto bounce = random_report(dice_, new_name("bounce"));
  const auto number = add_object();
  const auto change = [](mapi::Message& message) {
    message.recipients.front().set(mapi::PR_POSTERN_REPLY_TEXT, "it came back");
    message.recipients.front().set(mapi::PR_POSTERN_REPORTED, true);
  };
  auto after = about->state;
  change(after.value);
  const Expected expected{.folder = machine_.places.at(mailbox.name).inbox, .value = bounce};
  call({"receive_report", {{about->number, after}, {number, expected}}}, [&] {
    machine_.ledger.tell(number, store_->receive_report(about->entry, change, bounce).message);
  });
}

void Client::create_folder() {
  const auto name = new_name("folder");
  const auto number = machine_.ledger.add(ObjectKind::folder);
  Expected expected{.folder = machine_.places.at(mailbox_).subtree};
  expected.value.set(mapi::PR_DISPLAY_NAME, name);
  call({"create_folder", {{number, expected}}},
       [&] { machine_.ledger.tell(number, store_->create_folder(expected.folder, name)); });
}

/// As another program may, and as the store does from time to time.
void Client::checkpoint() {
  constexpr std::array modes{"PASSIVE", "FULL", "RESTART", "TRUNCATE"};
  const std::string mode = modes.at(dice_.below(modes.size()));
  try {
    SQLite::Database file(machine_.store.string(), SQLite::OPEN_READWRITE);
    file.exec("PRAGMA wal_checkpoint(" + mode + ")");
  } catch (const SQLite::Exception& error) {
    if (machine_.disk.has_power() && error.getErrorCode() != SQLITE_BUSY) {
      machine_.ledger.complain(std::string("a checkpoint has failed: ") + error.what());
    }
  }
}

/// Not the Inbox: what is delivered there is known by its name alone, which copies have, too.
mapi::EntryId Client::any_folder() {
  const auto& places = machine_.places.at(mailbox_);
  if (dice_.chance(60)) {
    if (const auto folder = take(ObjectKind::folder, is_any)) return folder->entry;
  }
  return dice_.chance(50) ? places.sent_items : places.outbox;
}

}  // namespace postern::store::test
