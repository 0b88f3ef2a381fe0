// Group commit: concurrent writers share one durable commit.
//
// A caller hands in its work and returns when the work is on disk. Whoever finds nobody committing
// leads: it executes its own work and all that waits in one transaction, each in a savepoint, so
// that work which fails leaves the others alone. Where the common commit fails (a full disk), each
// work is tried once more in a transaction of its own, so that only the one too many is refused.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "mapi/msg_store.h"
#include "store/sqlite/connection.h"

namespace postern::store {

/// What observers of the outgoing queue are told after the commit.
struct QueueChange {
  mapi::QueueEvent event = mapi::QueueEvent::table_changed;
  mapi::EntryId entry;
};

/// What a work writes with, and where it says what it changed in the outgoing queue.
struct SqliteTransaction {
  SqliteConnection& connection;
  std::vector<QueueChange>& changes;
};

class CommitGroup {
 public:
  /// May be executed more than once (and taken back in between), on another thread than the
  /// caller's: it begins from nothing each time, and waits for nobody.
  using Work = std::function<void(SqliteTransaction&)>;
  /// Called after each commit, in the order of the commits.
  using Committed = std::function<void(std::vector<QueueChange>)>;

  CommitGroup(const std::filesystem::path& path, Committed committed);

  /// Returns when `work` is durable; otherwise throws what it threw, or a mapi::Failure saying why
  /// nothing could be written. Then nothing of it was done.
  void commit(const Work& work);

  /// Changes whenever a connection that is not this group's has committed.
  std::int64_t foreign_version();

 private:
  struct Entry {
    const Work* work = nullptr;
    std::vector<QueueChange> changes;
    std::exception_ptr failure;
    bool done = false;
    std::condition_variable turn;
  };
  using Batch = std::vector<Entry*>;

  /// Becomes the leader, or returns false when another leader did the entry's work meanwhile.
  bool wait_for_turn(std::unique_lock<std::mutex>& lock, Entry& entry);
  void pass_on_the_lead();
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
  bool led_ = false;
};

}  // namespace postern::store
