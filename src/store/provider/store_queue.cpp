#include <algorithm>
#include <deque>
#include <exception>
#include <string>
#include <utility>

#include "mapi/property_tags.h"
#include "session/logoff.h"
#include "session/merge.h"
#include "session/submission.h"
#include "store/provider/store_object.h"
#include "store/table/attachment_table.h"

namespace postern::store {
namespace {

mapi::StoreSupport::SentMail decide(StoreCore& core, mapi::Message& kept) {
  session::finish_submission(kept);
  return core.support.do_sent_mail(kept);
}

}  // namespace

/// A damaged message leaves the queue as well: then only its flags are changed, and what of it can
/// be read.
void StoreObject::abort_submit(const mapi::EntryId& entry) {
  const auto id = core().message_of(entry);
  require_queued(id);
  const auto work = [&](Transaction& transaction) {
    auto& connection = transaction.connection;
    const auto queued_with = submit_flags(connection, id);
    if (!queued_with) throw not_queued(id);
    const auto before = load_what_is_intact(connection, core().origin, id);
    auto after = before;
    session::undo_submission(after, *queued_with);
    const auto flags = core().require_message(connection, id).message_flags;
    const auto nothing = core().stage({});
    ContentPlacement contents(connection, nothing);
    update_message(connection, id, before, after,
                   (flags & ~mapi::MSGFLAG_SUBMIT) | mapi::MSGFLAG_UNSENT, contents);
    dequeue(connection, id);
    transaction.tell(mapi::QueueEvent::row_deleted, entry);
  };
  if (logon_ && logon_->has_locked(id)) {
    logon_->commit_for(id, work);
    logon_->forget(id);
  } else if (!core().engine->commit_unless_locked(core().commits, id, work)) {
    throw core().failure(mapi::MAPI_E_UNABLE_TO_ABORT, id,
                         "is being sent right now and cannot be cancelled");
  }
}

/// MAPI_E_NOT_IN_QUEUE for a message that was sent, even when it was deleted afterwards;
/// MAPI_E_NOT_FOUND for one that never was.
void StoreObject::require_queued(MessageId id) const {
  read([&](Connection& connection) {
    if (submit_flags(connection, id)) return true;
    if (!ever_existed(connection, id)) core().require_message(connection, id);
    throw not_queued(id);
  });
}

std::vector<mapi::OutgoingQueueRow> StoreObject::outgoing_queue(std::optional<QueuePosition> after,
                                                                std::size_t limit) const {
  auto found = read([&](Connection& connection) {
    auto page = queue_rows(connection, core().origin.store, after, limit);
    core().engine->mark_locked(connection, page);
    return page;
  });
  std::vector<mapi::OutgoingQueueRow> rows;
  rows.reserve(found.size());
  for (auto& row : found) rows.push_back(std::move(row.row));
  return rows;
}

std::optional<mapi::OutgoingQueueRow> StoreObject::queue_row(const mapi::EntryId& entry) const {
  const auto id = core().message_of(entry);
  auto found = read([&](Connection& connection) {
    auto row = store::queue_row(connection, core().origin.store, id);
    if (row) core().engine->mark_locked(connection, std::span(&*row, 1));
    return row;
  });
  if (!found) return std::nullopt;
  return std::move(found->row);
}

mapi::Failure StoreObject::not_queued(MessageId id) const {
  return core().failure(mapi::MAPI_E_NOT_IN_QUEUE, id, "is not in the outgoing queue");
}

bool StoreObject::queue_is_empty() const {
  return read([](Connection& connection) { return is_queue_empty(connection); });
}

void StoreObject::set_on_hold(const mapi::EntryId& entry, bool on_hold) {
  const auto id = core().message_of(entry);
  require_queued(id);
  core().commits.commit([&](Transaction& transaction) {
    if (!submit_flags(transaction.connection, id)) throw not_queued(id);
    store::set_on_hold(transaction.connection, id, on_hold);
    transaction.tell(mapi::QueueEvent::row_modified, entry);
  });
}

std::vector<mapi::EntryId> StoreObject::attempts_beyond(mapi::FileTime latest, mapi::FileTime now,
                                                        std::size_t limit) const {
  return entries_of(read([&](Connection& connection) {
    return store::attempts_beyond(connection, latest, now, limit);
  }));
}

void StoreObject::retry_now(const std::optional<mapi::EntryId>& entry) {
  if (!entry) return retry_all_now();
  const auto id = core().message_of(*entry);
  require_queued(id);
  core().commits.commit([&](Transaction& transaction) {
    store::retry_now(transaction.connection, id);
    transaction.tell(mapi::QueueEvent::table_changed, {});
  });
}

/// In steps, so that other changes need not wait until a long queue is through.
void StoreObject::retry_all_now() {
  constexpr std::size_t rows_at_once = 10'000;
  std::optional<std::int64_t> passed = 0;
  while (passed) {
    const auto after = *passed;
    core().commits.commit([&](Transaction& transaction) {
      passed = retry_rows(transaction.connection, after, rows_at_once);
      transaction.tell(mapi::QueueEvent::table_changed, {});
    });
  }
}

std::vector<mapi::MsgStore::Claim> StoreObject::claim(mapi::FileTime now, std::size_t limit) {
  std::vector<Claim> claims;
  for (const auto& row : require_spooler("Claim").claim(now, limit)) {
    claims.push_back({core().entry_of(row.message), row.submit_flags});
  }
  return claims;
}

std::optional<mapi::FileTime> StoreObject::next_due() const {
  return require_spooler("NextDue").next_due();
}

void StoreObject::hold(const mapi::EntryId& entry, std::optional<mapi::FileTime> until) {
  auto& logon = require_spooler("Hold");
  const auto id = core().message_of(entry);
  require_queued(id);
  core().commits.commit(
      [&](Transaction& transaction) { logon.hold(transaction.connection, id, until); });
  logon.forget(id);
}

/// The lock comes before the look into the queue: a client that takes the message out holds the
/// spooler off until its commit is durable.
void StoreObject::set_lock_state(const mapi::EntryId& entry, mapi::LockState state) {
  auto& logon = require_spooler("SetLockState");
  const auto id = core().message_of(entry);
  if (state == mapi::LockState::unlocked) logon.unlock(id);  // also where the look cannot be had
  require_queued(id);
  if (state == mapi::LockState::unlocked) return;
  if (logon.lock(id) == SpoolerLogon::Locked::no) throw not_queued(id);
  try {
    require_queued(id);
  } catch (...) {
    logon.unlock(id);
    throw;
  }
}

MessageId StoreObject::require_finishable(const EntryId& entry) const {
  const auto& logon = require_spooler("FinishedMsg");
  const auto id = core().message_of(entry);
  if (logon.has_locked(id)) return id;  // the commit looks whether it is queued
  require_queued(id);
  throw core().failure(mapi::MAPI_E_NO_ACCESS, id, "is not locked and cannot be finished");
}

/// Of a damaged one, what can be read decides.
void StoreObject::finished_msg(const mapi::EntryId& entry) {
  const auto id = require_finishable(entry);
  const auto sent = read([&](Connection& connection) {
    return KnownMessage{core().require_message(connection, id).change_number,
                        load_what_is_intact(connection, core().origin, id)};
  });
  SentMessage made(core(), entry, sent, sent.message);
  logon_->commit([&](Transaction& transaction) { finish(transaction, made); });
  end_finish(made);
  if (made.had_content) sweep_garbage(core().commits);
}

void StoreObject::save_and_finish(mapi::MessageHandle& message) {
  auto* const one = &message;
  const auto failure = save_and_finish_all(std::span(&one, 1)).front();
  if (failure) throw mapi::Failure(*failure);
}

std::vector<mapi::MsgStore::Finished> StoreObject::save_and_finish_all(
    std::span<mapi::MessageHandle* const> messages) {
  std::vector<Finished> results(messages.size());
  std::deque<SentMessage> made;
  std::vector<std::size_t> places;  // of what was made, in the results
  std::vector<Work> works;
  places.reserve(messages.size());
  works.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    try {
      auto& stored = require_own(*messages[i]);
      require_finishable(stored.entry_id());
      auto& one = made.emplace_back(core(), stored.entry_id(), stored.saved(), stored.changed());
      works.emplace_back([this, &one](Transaction& transaction) { finish(transaction, one); });
      places.push_back(i);
    } catch (...) {
      results[i] = mapi::as_failure(std::current_exception());
    }
  }
  if (works.empty()) return results;
  const auto failures = logon_->commit_all(works);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (failures[i]) {
      results[places[i]] = mapi::as_failure(failures[i]);
    } else {
      end_finish(made[i]);
      require_own(*messages[places[i]]).end();
    }
  }
  if (std::ranges::any_of(made, &SentMessage::had_content)) sweep_garbage(core().commits);
  return results;
}

/// §3.7. The message is locked, so nothing but a report that comes back changes it between the
/// decision and the commit.
StoreObject::SentMessage::SentMessage(StoreCore& core, const EntryId& sent_entry,
                                      KnownMessage as_sent, Message to_keep)
    : entry(sent_entry),
      id(core.message_of(entry)),
      sent(std::move(as_sent)),
      kept(std::move(to_keep)),
      decision(decide(core, kept)),
      staged(core.stage(kept, sent.message)) {}

void StoreObject::finish(Transaction& transaction, SentMessage& made) {
  auto& connection = transaction.connection;
  if (!logon_->dequeue(connection, made.id)) throw not_queued(made.id);
  transaction.tell(mapi::QueueEvent::row_deleted, made.entry);
  if (made.decision == mapi::StoreSupport::SentMail::remove) {
    made.had_content = store::delete_message(connection, made.id);
    return;
  }
  const auto& sent = made.sent.message;
  ContentPlacement contents(connection, made.staged);
  const auto state = core().require_message(connection, made.id);
  // Of a damaged message the attachments may be there, and not in what could be read.
  const bool has_others =
      !std::ranges::equal(made.kept.attachments, sent.attachments, mapi::has_same_content);
  const auto flags = (has_others ? session::saved_message_flags(state.message_flags, made.kept)
                                 : state.message_flags) &
                     ~(mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT);
  const bool moves = made.decision == mapi::StoreSupport::SentMail::move;
  const auto folder = moves ? sent_mail_folder(connection, made.kept) : std::nullopt;
  made.stays_for_want_of_a_folder = moves && !folder;
  if (state.change_number == made.sent.change_number) {
    update_message(connection, made.id, sent, made.kept, flags, contents, folder);
  } else {  // a report came back meanwhile
    const auto theirs = load_what_is_intact(connection, core().origin, made.id);
    update_message(connection, made.id, theirs, session::merge_changes(sent, made.kept, theirs),
                   flags, contents, folder);
  }
}

/// After the commit.
void StoreObject::end_finish(SentMessage& made) {
  if (made.decision != mapi::StoreSupport::SentMail::remove) made.staged.keep();
  logon_->forget(made.id);
  if (made.stays_for_want_of_a_folder) {
    core().notifier.warn(made.entry, core().name(made.id) +
                                         " was sent and stays where it is: the folder that it "
                                         "names for sent mail does not exist");
  }
}

/// Returns nullopt if PR_SENTMAIL_ENTRYID names no folder of this store.
std::optional<FolderId> StoreObject::sent_mail_folder(Connection& connection,
                                                      const Message& message) const {
  const auto* entry = message.get(mapi::PR_SENTMAIL_ENTRYID);
  if (entry == nullptr) return std::nullopt;
  try {
    const auto folder = core().folder_of(EntryId{*entry});
    return folder_state(connection, folder) ? std::optional(folder) : std::nullopt;
  } catch (const mapi::Failure&) {
    return std::nullopt;
  }
}

/// A client has nothing in progress: the sending is the spooler's.
mapi::LogoffResult StoreObject::store_logoff(mapi::Logoff how) {
  const auto result =
      session::logoff(how, logon_ != nullptr && logon_->locked() != 0, !queue_is_empty());
  if (result.complete) {
    logon_.reset();
    core_.reset();
  }
  return result;
}

}  // namespace postern::store
