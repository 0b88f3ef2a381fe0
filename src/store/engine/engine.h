// What a store needs of its database besides tables: connections, locks that end with their
// holder, and news of what others write.
//
// There is one for SQLite, whose locks are the kernel's, and one for PostgreSQL, whose locks are
// those of database sessions. Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "store/database/commit_group.h"
#include "store/database/read_pool.h"
#include "store/engine/spooler_logon.h"
#include "store/table/content_staging.h"
#include "store/table/entry_ids.h"
#include "store/table/queue_table.h"

namespace postern::store {

class Engine : public ContentWriters {
 public:
  /// For sentences: "'/var/lib/postern/store.sqlite'".
  [[nodiscard]] virtual const std::string& name() const = 0;
  [[nodiscard]] virtual const ContentOrigin& origin() const = 0;

  [[nodiscard]] virtual std::unique_ptr<BatchExecutor> make_executor() = 0;
  /// Called when the store is opened: removes what processes that have died left half written, if
  /// they can be told from others at once.
  virtual void sweep(CommitGroup& commits) noexcept = 0;

  /// From now on `changed` is called when others may have written, if the database tells it by
  /// itself; null: no more, and no call is running. BatchExecutor::foreign_version is looked at
  /// besides.
  virtual void on_foreign_change(std::function<void()> changed) = 0;

  /// Throws mapi::Failure(MAPI_E_BUSY), naming the process, if the store has a spooler and can have
  /// one only.
  [[nodiscard]] virtual std::unique_ptr<SpoolerLogon> log_spooler_on(CommitGroup& commits) = 0;

  /// Whether some spooler has the message locked now.
  [[nodiscard]] virtual bool is_locked(Connection& connection, MessageId id) const = 0;
  /// Adds SUBMITFLAG_LOCKED where that is so.
  virtual void mark_locked(Connection& connection, std::span<QueueRow> rows) const = 0;
  /// Commits a client's work on a queued message, unless a spooler has locked it, or locks it
  /// before the commit is durable. Returns whether it did.
  [[nodiscard]] virtual bool commit_unless_locked(CommitGroup& commits, MessageId id,
                                                  const Work& work) = 0;
};

}  // namespace postern::store
