// The spooler's logon to a store, and the messages it has locked.
//
// One logon per store over all processes. The locks are the kernel's (lock_file.h): they end with
// the logon or its process, as MAPI demands of a lock (mapi-submission.md §3.11), and every process
// sees them. A client that removes a message from the queue holds the message's lock byte
// meanwhile, so that the spooler locks it either before (the client is refused) or after (it is not
// queued any more), never in between.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>

#include "mapi/message.h"
#include "store/sqlite/commit_group.h"
#include "store/sqlite/lock_file.h"
#include "store/sqlite/space_reserve.h"

namespace postern::store {

/// A message as the store holds it after its change of this number.
struct KnownMessage {
  std::int64_t change_number = 0;
  mapi::Message message;
};

class SpoolerLogon {
 public:
  /// Throws mapi::Failure(MAPI_E_BUSY), naming the process that is logged on.
  explicit SpoolerLogon(const std::filesystem::path& store);
  SpoolerLogon(const SpoolerLogon&) = delete;
  SpoolerLogon& operator=(const SpoolerLogon&) = delete;
  ~SpoolerLogon();

  enum class Locked {
    no,      ///< a client holds the message for too long
    before,  ///< it was locked already
    now,     ///< by this call, and by no other
  };
  /// Throws mapi::Failure(MAPI_E_NOT_ENOUGH_DISK) once the reserve was needed, until it could be
  /// taken again.
  [[nodiscard]] Locked lock(std::int64_t message_id);
  void unlock(std::int64_t message_id);
  [[nodiscard]] bool has_locked(std::int64_t message_id) const;
  [[nodiscard]] std::size_t locked() const;  ///< how many

  /// What the spooler has read or saved of a message that it has locked, so that it need not be
  /// read again to be finished.
  void remember(std::int64_t message_id, KnownMessage known);
  [[nodiscard]] std::optional<KnownMessage> known(std::int64_t message_id) const;

  /// Commits the result for a message; on a full disk it uses the reserve.
  void commit(CommitGroup& commits, const CommitGroup::Work& work);

 private:
  [[nodiscard]] Locked try_lock(std::int64_t message_id);
  void restore_reserve();

  std::filesystem::path store_;
  LockFile file_;
  std::optional<SpaceReserve> reserve_;  ///< after the lock: it is one spooler's
  mutable std::mutex mutex_;
  std::map<std::int64_t, std::optional<KnownMessage>> locked_;
};

/// Keeps the spooler from locking a message, for as long as the object lives.
class SpoolerExclusion {
 public:
  SpoolerExclusion(const std::filesystem::path& store, std::int64_t message_id);
  /// False if the spooler has locked the message already.
  [[nodiscard]] bool succeeded() const { return succeeded_; }

 private:
  LockFile file_;  ///< a holder of its own: two threads that abort must not share one lock
  bool succeeded_;
};

/// Whether some spooler has the message locked now.
[[nodiscard]] bool is_locked(const LockFile& file, std::int64_t message_id);

}  // namespace postern::store
