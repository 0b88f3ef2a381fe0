#include "store/sqlite_store.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "mapi/property_tags.h"
#include "session/submission.h"
#include "store/display_id.h"
#include "store/provider/message_handle.h"
#include "store/provider/store_core.h"
#include "store/table/queue_table.h"

namespace postern::store {
namespace {

using mapi::EntryId;
using mapi::Message;

class SqliteStore final : public mapi::MsgStore {
 public:
  /// `logon` is null for a client.
  SqliteStore(std::shared_ptr<StoreCore> core, std::shared_ptr<SpoolerLogon> logon)
      : core_(std::move(core)), logon_(std::move(logon)) {}

  [[nodiscard]] EntryId folder(mapi::SpecialFolder folder) const override {
    return make_entry_id(core_->origin.store, ObjectKind::folder,
                         static_cast<std::int64_t>(folder));
  }
  [[nodiscard]] EntryId receive_folder(std::string_view) const override {
    return folder(mapi::SpecialFolder::inbox);
  }

  std::unique_ptr<mapi::MessageHandle> create_message(const EntryId& folder,
                                                      Message message) override;
  EntryId submit(const EntryId& folder, Message message) override;
  mapi::NewMail create_report(mapi::MessageHandle& original, Message report) override;
  std::unique_ptr<mapi::MessageHandle> open_entry(const EntryId& entry,
                                                  mapi::Access access) override;
  [[nodiscard]] std::vector<mapi::ContentsRow> contents(const EntryId& folder) const override;
  [[nodiscard]] std::vector<EntryId> find_messages(Correlator by, std::string_view value,
                                                   std::size_t limit) const override;
  void delete_message(const EntryId& entry) override;
  void abort_submit(const EntryId& entry) override;
  [[nodiscard]] std::vector<mapi::OutgoingQueueRow> outgoing_queue(
      std::optional<QueuePosition> after, std::size_t limit) const override;
  [[nodiscard]] std::optional<mapi::OutgoingQueueRow> queue_row(
      const EntryId& entry) const override;
  [[nodiscard]] std::unique_ptr<mapi::Subscription> advise(mapi::StoreObserver observer) override {
    return core_->notifier.advise(std::move(observer));
  }

  [[nodiscard]] bool queue_is_empty() const override;

  std::vector<Claim> claim(mapi::FileTime now, std::size_t limit) override;
  void retry_now(const std::optional<EntryId>& entry) override;
  [[nodiscard]] std::optional<mapi::FileTime> next_due() const override;
  void hold(const EntryId& entry, std::optional<mapi::FileTime> until) override;
  void set_lock_state(const EntryId& entry, mapi::LockState state) override;
  void finished_msg(const EntryId& entry) override;
  void notify_new_mail(const mapi::NewMail& mail) override;

 private:
  template <class Work>
  auto read(Work&& work) const {
    return core_->origin.reads->read(std::forward<Work>(work));
  }
  SpoolerLogon& require_spooler(const char* method) const;
  [[nodiscard]] StoredMessage::Mode mode_of(MessageId id, bool is_queued,
                                            mapi::Access access) const;
  void require_queued(MessageId id) const;
  [[nodiscard]] mapi::OutgoingQueueRow with_lock(QueueRow found) const;
  [[nodiscard]] mapi::Failure not_queued(MessageId id) const {
    return core_->failure(mapi::MAPI_E_NOT_IN_QUEUE, id, "is not in the outgoing queue");
  }
  [[nodiscard]] std::optional<FolderId> sent_mail_folder(const Message& message) const;

  std::shared_ptr<StoreCore> core_;
  std::shared_ptr<SpoolerLogon> logon_;
};

std::unique_ptr<mapi::MessageHandle> SqliteStore::create_message(const EntryId& folder,
                                                                 Message message) {
  const auto folder_id = core_->folder_of(folder);
  session::set_computed_properties(message);
  auto staged = core_->stage(message);
  MessageId id = 0;
  core_->commits.commit([&](SqliteTransaction& transaction) {
    id = core_->insert(transaction.connection, folder_id, message,
                       session::new_message_flags(message), staged);
  });
  staged.keep();
  auto [saved, change_number] = read([&](SqliteConnection& connection) {
    return std::pair(core_->load(connection, id),
                     core_->require_message(connection, id).change_number);
  });
  return std::make_unique<StoredMessage>(core_, logon_, id, StoredMessage::Mode::read_write,
                                         std::move(saved), change_number);
}

EntryId SqliteStore::submit(const EntryId& folder, Message message) {
  const auto folder_id = core_->folder_of(folder);
  message.set(mapi::PR_MESSAGE_FLAGS, session::new_message_flags(message));
  const auto submit_flags =
      session::prepare_submission(message, core_->support, mapi::FileTime::now());
  const auto flags = session::new_message_flags(message) | mapi::MSGFLAG_SUBMIT;
  auto staged = core_->stage(message);
  MessageId id = 0;
  core_->commits.commit([&](SqliteTransaction& transaction) {
    id = core_->insert(transaction.connection, folder_id, message, flags, staged);
    enqueue(transaction.connection, id, message, submit_flags);
    transaction.changes.push_back({mapi::QueueEvent::row_added, core_->entry_of(id)});
  });
  staged.keep();
  return core_->entry_of(id);
}

mapi::NewMail SqliteStore::create_report(mapi::MessageHandle& original, Message report) {
  require_spooler("CreateReport");
  const std::string report_class(report.get_or(mapi::PR_MESSAGE_CLASS, ""));
  const auto folder = receive_folder(report_class);
  const auto folder_id = core_->folder_of(folder);
  auto* stored = dynamic_cast<StoredMessage*>(&original);
  if (stored == nullptr || !stored->is_of(*core_)) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "a report can be made of a message of its own store only");
  }
  session::set_computed_properties(report);
  auto staged = core_->stage(report);
  MessageId id = 0;
  stored->save_changes_and([&](SqliteTransaction& transaction) {
    id = core_->insert(transaction.connection, folder_id, report,
                       session::new_message_flags(report), staged);
  });
  staged.keep();
  return {core_->entry_of(id), folder, report_class};
}

std::unique_ptr<mapi::MessageHandle> SqliteStore::open_entry(const EntryId& entry,
                                                             mapi::Access access) {
  const auto id = core_->message_of(entry);
  return read([&](SqliteConnection& connection) -> std::unique_ptr<mapi::MessageHandle> {
    const auto state = core_->require_message(connection, id);
    const auto mode = mode_of(id, submit_flags(connection, id).has_value(), access);
    return std::make_unique<StoredMessage>(core_, logon_, id, mode, core_->load(connection, id),
                                           state.change_number);
  });
}

/// The first three rows of the client's table of §4; they do not apply to the spooler.
StoredMessage::Mode SqliteStore::mode_of(MessageId id, bool is_queued, mapi::Access access) const {
  using Mode = StoredMessage::Mode;
  const auto asked = access == mapi::Access::read_only ? Mode::read_only : Mode::read_write;
  if (!is_queued || logon_) return asked;
  if (access == mapi::Access::modify) {
    throw core_->failure(mapi::MAPI_E_SUBMITTED, id,
                         "is submitted; cancel its submission before changing it");
  }
  if (is_locked(core_->locks, id)) {
    throw core_->failure(mapi::MAPI_E_NO_ACCESS, id, "is being sent right now");
  }
  return Mode::read_only;
}

std::vector<mapi::ContentsRow> SqliteStore::contents(const EntryId& folder) const {
  const auto id = core_->folder_of(folder);
  return read([&](SqliteConnection& connection) {
    core_->require_folder(connection, id);
    return folder_contents(connection, core_->origin.store, id);
  });
}

std::vector<EntryId> SqliteStore::find_messages(Correlator by, std::string_view value,
                                                std::size_t limit) const {
  const auto found = read(
      [&](SqliteConnection& connection) { return messages_with(connection, by, value, limit); });
  std::vector<EntryId> entries;
  for (const auto id : found) entries.push_back(core_->entry_of(id));
  return entries;
}

void SqliteStore::delete_message(const EntryId& entry) {
  const auto id = core_->message_of(entry);
  core_->commits.commit([&](SqliteTransaction& transaction) {
    core_->require_message(transaction.connection, id);
    if (submit_flags(transaction.connection, id)) {
      throw core_->failure(mapi::MAPI_E_SUBMITTED, id,
                           "is submitted; cancel its submission before deleting it");
    }
    store::delete_message(transaction.connection, id);
  });
  sweep_garbage(core_->commits);
}

void SqliteStore::abort_submit(const EntryId& entry) {
  const auto id = core_->message_of(entry);
  require_queued(id);
  const bool is_ours = logon_ && logon_->has_locked(id);
  std::optional<SpoolerExclusion> until_committed;
  if (!is_ours && !until_committed.emplace(core_->path, id).succeeded()) {
    throw core_->failure(mapi::MAPI_E_UNABLE_TO_ABORT, id,
                         "is being sent right now and cannot be cancelled");
  }
  core_->commits.commit([&](SqliteTransaction& transaction) {
    auto& connection = transaction.connection;
    if (!submit_flags(connection, id)) throw not_queued(id);
    const auto before = load_message(connection, core_->origin, id);
    auto after = before;
    session::undo_submission(after);
    const auto flags = *before.get(mapi::PR_MESSAGE_FLAGS);
    const auto nothing = core_->stage({});
    ContentPlacement contents(connection, nothing);
    update_message(connection, id, before, after,
                   (flags & ~mapi::MSGFLAG_SUBMIT) | mapi::MSGFLAG_UNSENT, contents);
    dequeue(connection, id);
    transaction.changes.push_back({mapi::QueueEvent::row_deleted, entry});
  });
  if (is_ours) logon_->unlock(id);
}

/// MAPI_E_NOT_IN_QUEUE for a message that was sent, even when it was deleted afterwards;
/// MAPI_E_NOT_FOUND for one that never was.
void SqliteStore::require_queued(MessageId id) const {
  read([&](SqliteConnection& connection) {
    if (submit_flags(connection, id)) return true;
    if (!ever_existed(connection, id)) core_->require_message(connection, id);
    throw not_queued(id);
  });
}

std::vector<mapi::OutgoingQueueRow> SqliteStore::outgoing_queue(std::optional<QueuePosition> after,
                                                                std::size_t limit) const {
  auto found = read([&](SqliteConnection& connection) {
    return queue_rows(connection, core_->origin.store, after, limit);
  });
  std::vector<mapi::OutgoingQueueRow> rows;
  rows.reserve(found.size());
  for (auto& row : found) rows.push_back(with_lock(std::move(row)));
  return rows;
}

std::optional<mapi::OutgoingQueueRow> SqliteStore::queue_row(const EntryId& entry) const {
  const auto id = core_->message_of(entry);
  auto found = read([&](SqliteConnection& connection) {
    return store::queue_row(connection, core_->origin.store, id);
  });
  if (!found) return std::nullopt;
  return with_lock(std::move(*found));
}

mapi::OutgoingQueueRow SqliteStore::with_lock(QueueRow found) const {
  if (is_locked(core_->locks, found.message)) found.row.submit_flags |= mapi::SUBMITFLAG_LOCKED;
  return std::move(found.row);
}

SpoolerLogon& SqliteStore::require_spooler(const char* method) const {
  if (!logon_) {
    throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT,
                        std::string(method) + " is for the spooler's logon only");
  }
  return *logon_;
}

bool SqliteStore::queue_is_empty() const {
  return read([](SqliteConnection& connection) { return is_queue_empty(connection); });
}

/// Half of them from those that were held, if there are enough of both, so that neither an outage
/// that is over nor new mail keeps the others waiting.
std::vector<mapi::MsgStore::Claim> SqliteStore::claim(mapi::FileTime now, std::size_t limit) {
  auto& logon = require_spooler("Claim");
  const auto enough = limit + logon.locked();
  auto [ready, overdue] = read([&](SqliteConnection& connection) {
    return std::pair(ready_rows(connection, enough), overdue_rows(connection, now, enough));
  });
  const auto is_locked = [&](const DueRow& row) { return logon.has_locked(row.message); };
  std::erase_if(ready, is_locked);
  std::erase_if(overdue, is_locked);
  const auto first =
      std::min(overdue.size(), std::max(limit / 2, limit - std::min(limit, ready.size())));
  overdue.resize(first);
  std::ranges::move(ready, std::back_inserter(overdue));
  std::vector<Claim> claims;
  for (const auto& row : overdue) {
    if (claims.size() == limit) break;
    if (!logon.lock(row.message)) continue;
    // A client that takes the message out holds the spooler off until its commit is durable
    // (spooler_logon.h): whether it is still there, only a look after the lock can tell.
    const auto flags =
        read([&](SqliteConnection& connection) { return submit_flags(connection, row.message); });
    if (flags) {
      claims.push_back({core_->entry_of(row.message), *flags});
    } else {
      logon.unlock(row.message);
    }
  }
  return claims;
}

std::optional<mapi::FileTime> SqliteStore::next_due() const {
  auto& logon = require_spooler("NextDue");
  const auto enough = logon.locked() + 1;
  const auto times =
      read([&](SqliteConnection& connection) { return due_times(connection, enough); });
  const auto found = std::ranges::find_if(
      times, [&](const DueTime& time) { return !logon.has_locked(time.message); });
  return found == times.end() ? std::nullopt : std::optional(found->due);
}

void SqliteStore::retry_now(const std::optional<EntryId>& entry) {
  require_spooler("RetryNow");
  std::optional<MessageId> id;
  if (entry) {
    id = core_->message_of(*entry);
    require_queued(*id);
  }
  core_->commits.commit([&](SqliteTransaction& transaction) {
    store::retry_now(transaction.connection, id);
    transaction.changes.push_back({mapi::QueueEvent::table_changed, {}});
  });
}

void SqliteStore::hold(const EntryId& entry, std::optional<mapi::FileTime> until) {
  auto& logon = require_spooler("Hold");
  const auto id = core_->message_of(entry);
  require_queued(id);
  core_->commits.commit(
      [&](SqliteTransaction& transaction) { store::hold(transaction.connection, id, until); });
  logon.unlock(id);
}

/// The lock comes before the look into the queue: a client that takes the message out holds the
/// spooler off until its commit is durable (spooler_logon.h).
void SqliteStore::set_lock_state(const EntryId& entry, mapi::LockState state) {
  auto& logon = require_spooler("SetLockState");
  const auto id = core_->message_of(entry);
  if (state == mapi::LockState::unlocked) logon.unlock(id);  // also where the look cannot be had
  require_queued(id);
  if (state == mapi::LockState::unlocked) return;
  if (!logon.lock(id)) throw not_queued(id);
  try {
    require_queued(id);
  } catch (...) {
    logon.unlock(id);
    throw;
  }
}

/// §3.7. The message is locked, so it cannot change between the decision and the commit.
void SqliteStore::finished_msg(const EntryId& entry) {
  auto& logon = require_spooler("FinishedMsg");
  const auto id = core_->message_of(entry);
  // The lock first: who finished the message before us ended it after the message left the queue.
  const bool locked = logon.has_locked(id);
  require_queued(id);
  if (!locked) {
    throw core_->failure(mapi::MAPI_E_NO_ACCESS, id, "is not locked and cannot be finished");
  }
  const auto sent = read([&](SqliteConnection& connection) { return core_->load(connection, id); });
  const auto decision = core_->support.do_sent_mail(sent);
  auto kept = sent;
  session::finish_submission(kept);
  const auto flags =
      *sent.get(mapi::PR_MESSAGE_FLAGS) & ~(mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT);
  const auto sent_mail = sent_mail_folder(sent);
  const auto nothing = core_->stage({});
  logon.commit(core_->commits, [&](SqliteTransaction& transaction) {
    auto& connection = transaction.connection;
    if (!submit_flags(connection, id)) throw not_queued(id);
    dequeue(connection, id);
    transaction.changes.push_back({mapi::QueueEvent::row_deleted, entry});
    if (decision == mapi::StoreSupport::SentMail::remove) {
      store::delete_message(connection, id);
      return;
    }
    ContentPlacement contents(connection, nothing);
    update_message(connection, id, sent, kept, flags, contents);
    const bool moves = decision == mapi::StoreSupport::SentMail::move && sent_mail &&
                       folder_exists(connection, *sent_mail);
    if (moves) move_message(connection, id, *sent_mail);
  });
  logon.unlock(id);
  if (decision == mapi::StoreSupport::SentMail::remove) sweep_garbage(core_->commits);
}

/// Returns nullopt if PR_SENTMAIL_ENTRYID names no folder of this store: the message stays (§3.7).
std::optional<FolderId> SqliteStore::sent_mail_folder(const Message& message) const {
  const auto* entry = message.get(mapi::PR_SENTMAIL_ENTRYID);
  if (entry == nullptr) return std::nullopt;
  try {
    return core_->folder_of(EntryId{*entry});
  } catch (const mapi::Failure&) {
    return std::nullopt;
  }
}

void SqliteStore::notify_new_mail(const mapi::NewMail& mail) {
  require_spooler("NotifyNewMail");
  core_->notifier.new_mail(mail);
}

class SqliteProvider final : public mapi::MSProvider {
 public:
  explicit SqliteProvider(std::shared_ptr<StoreCore> core) : core_(std::move(core)) {}

  std::unique_ptr<mapi::MsgStore> logon() override {
    return std::make_unique<SqliteStore>(core_, nullptr);
  }
  std::unique_ptr<mapi::MsgStore> spooler_logon() override {
    auto logon = std::make_shared<SpoolerLogon>(core_->path);
    core_->commits.commit(
        [](SqliteTransaction& transaction) { end_holds_without_end(transaction.connection); });
    return std::make_unique<SqliteStore>(core_, std::move(logon));
  }

 private:
  std::shared_ptr<StoreCore> core_;
};

}  // namespace

std::unique_ptr<mapi::MSProvider> open_sqlite_store(const std::filesystem::path& path,
                                                    mapi::StoreSupport& support) {
  return std::make_unique<SqliteProvider>(std::make_shared<StoreCore>(path, support));
}

}  // namespace postern::store
