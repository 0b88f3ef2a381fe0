// The spooler's logon to a store in a file.
//
// One logon per store over all processes. The locks are the kernel's (lock_file.h): they end with
// the logon or its process. A client that removes a message from the queue holds the message's lock
// byte meanwhile.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "store/database/commit_group.h"
#include "store/engine/look_start.h"
#include "store/engine/spooler_logon.h"
#include "store/sqlite/lock_file.h"
#include "store/sqlite/space_reserve.h"
#include "store/table/content_table.h"

namespace postern::store {

class FileLogon final : public SpoolerLogon {
 public:
  /// Throws mapi::Failure(MAPI_E_BUSY), naming the process that is logged on. Ends the holds of
  /// logons before it.
  FileLogon(const std::filesystem::path& store, ContentOrigin origin, CommitGroup& commits);
  ~FileLogon() override;

  std::vector<DueRow> claim(mapi::FileTime now, std::size_t limit) override;
  [[nodiscard]] std::optional<mapi::FileTime> next_due() override;
  [[nodiscard]] Locked lock(MessageId id) override;
  void unlock(MessageId id) override;
  void require_lock(Connection& /*connection*/, MessageId /*id*/) override {}
  void keep_lock(Connection& /*connection*/, MessageId /*id*/) override {}
  bool dequeue(Connection& connection, MessageId id) override;
  void hold(Connection& connection, MessageId id, std::optional<mapi::FileTime> until) override;
  void forget(MessageId id) override { unlock(id); }
  std::vector<std::exception_ptr> commit_all(std::span<const Work> works) override;

 private:
  [[nodiscard]] Locked try_lock(MessageId id);
  [[nodiscard]] LookStart::Place begin_look();
  void end_look(const LookStart::Place& passed);
  [[nodiscard]] std::vector<DueRow> seen_rows(
      DuePosition after, std::size_t unlocked,
      const std::function<std::vector<DueRow>(DuePosition, std::size_t)>& read) const;
  [[nodiscard]] std::vector<DueRow> unlocked(std::vector<DueRow> rows) const;
  [[nodiscard]] DuePosition behind_locked(DuePosition start, const std::vector<DueRow>& rows) const;
  [[nodiscard]] std::vector<DueRow> read_locked(const std::vector<DueRow>& locked,
                                                mapi::FileTime now);
  void restore_reserve();

  std::filesystem::path store_;
  LockFile file_;
  std::optional<SpaceReserve> reserve_;  ///< after the lock: it is one spooler's
  ContentOrigin origin_;
  CommitGroup& commits_;
  LookStart look_start_;  ///< guarded by `mutex_`
};

/// Keeps the spooler from locking a message, for as long as the object lives.
class SpoolerExclusion {
 public:
  SpoolerExclusion(const std::filesystem::path& store, MessageId id);
  /// False if the spooler has locked the message already.
  [[nodiscard]] bool succeeded() const { return succeeded_; }

 private:
  LockFile file_;  ///< a holder of its own: two threads that abort must not share one lock
  bool succeeded_;
};

}  // namespace postern::store
