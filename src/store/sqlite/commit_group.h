// Group commit: concurrent writers share one durable commit.
//
// A caller passes its work and returns when the work is on disk. A caller that finds no other one
// committing becomes the leader: it executes its own work and all that waits in one transaction,
// each in a savepoint, so that work which fails does not affect the others. If the common commit
// fails (a full disk), each work is tried once more in a transaction of its own, so that only the
// work that does not fit is refused.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "mapi/msg_store.h"
#include "store/sqlite/connection.h"

namespace postern::store {

/// A notification for observers of the outgoing queue after the commit.
struct QueueChange {
  mapi::QueueEvent event = mapi::QueueEvent::table_changed;
  mapi::EntryId entry;
};

/// What observers are told after a commit.
using StoreChange = std::variant<QueueChange, mapi::NewMail>;

/// The connection to write with, and the list of changes to be filled.
struct SqliteTransaction {
  SqliteConnection& connection;
  std::vector<StoreChange>& changes;

  void tell(mapi::QueueEvent event, mapi::EntryId entry) {
    changes.emplace_back(QueueChange{event, std::move(entry)});
  }
};

class CommitGroup {
 public:
  /// May be executed more than once (and rolled back in between), on another thread than the
  /// caller's: it must start afresh each time and must not wait.
  using Work = std::function<void(SqliteTransaction&)>;
  /// Called after each commit, in the order of the commits.
  using Committed = std::function<void(std::vector<StoreChange>)>;

  CommitGroup(const std::filesystem::path& path, Committed committed);

  /// Returns when `work` is durable; otherwise throws what it threw, or a mapi::Failure that says
  /// why the commit failed. Then no part of it was done.
  void commit(const Work& work);

  /// Changes whenever a connection that is not this group's has committed.
  std::int64_t foreign_version();

 private:
  struct Entry {
    const Work* work = nullptr;
    std::vector<StoreChange> changes;
    std::exception_ptr failure;
    bool done = false;
    std::condition_variable turn;
  };
  using Batch = std::vector<Entry*>;

  /// Becomes the leader, or returns false if another leader did the entry's work meanwhile.
  bool wait_for_turn(std::unique_lock<std::mutex>& lock, Entry& entry);
  void hand_over_leadership();
  void execute(const Batch& batch) noexcept;
  bool execute_together(const Batch& batch);
  void execute_in_savepoint(Entry& entry);
  void execute_alone(Entry& entry);
  void begin();
  [[nodiscard]] std::exception_ptr current_failure() const;

  std::unique_ptr<SqliteConnection> connection_;
  Committed committed_;
  std::mutex mutex_;
  std::deque<Entry*> waiting_;
  bool has_leader_ = false;
};

}  // namespace postern::store
