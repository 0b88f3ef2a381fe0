// The spooler's logon to a store, and the messages it has locked.
//
// A lock ends with the logon or its process, as MAPI demands of a lock (mapi-submission.md §3.11),
// and every process sees it. A client that takes a message out of the queue does so either before
// the spooler locks it (then it is not queued any more) or is refused, never in between.
//
// Threads: any.
#pragma once

#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "store/database/transaction.h"
#include "store/table/message_table.h"
#include "store/table/queue_table.h"

namespace postern::store {

class SpoolerLogon {
 public:
  SpoolerLogon() = default;
  SpoolerLogon(const SpoolerLogon&) = delete;
  SpoolerLogon& operator=(const SpoolerLogon&) = delete;
  virtual ~SpoolerLogon() = default;

  /// MsgStore::claim.
  virtual std::vector<DueRow> claim(mapi::FileTime now, std::size_t limit) = 0;
  /// MsgStore::next_due.
  [[nodiscard]] virtual std::optional<mapi::FileTime> next_due() = 0;

  enum class Locked {
    no,      ///< somebody else has it
    before,  ///< it was locked already
    now,     ///< by this call, and by no other
  };
  /// Throws mapi::Failure(MAPI_E_NOT_ENOUGH_DISK) while verdicts would have no room.
  [[nodiscard]] virtual Locked lock(MessageId id) = 0;
  virtual void unlock(MessageId id) = 0;

  /// Throws mapi::Failure(MAPI_E_OBJECT_CHANGED) if the lock that it had on the message was lost:
  /// it is somebody else's now.
  virtual void require_lock(Connection& connection, MessageId id) = 0;
  /// The same within a commit, until which the lock is not lost.
  virtual void keep_lock(Connection& connection, MessageId id) = 0;
  /// Takes a locked message out of the queue within a commit. Returns false if it is not there.
  /// Throws as `keep_lock`.
  virtual bool dequeue(Connection& connection, MessageId id) = 0;
  /// Holds the message until that time, or as long as this logon exists, within a commit that ends
  /// the lock, too. `forget` follows it. Throws as `keep_lock`.
  virtual void hold(Connection& connection, MessageId id, std::optional<mapi::FileTime> until) = 0;
  /// The lock of a message has ended with a commit that held it or took it out of the queue.
  virtual void forget(MessageId id) = 0;

  /// CommitGroup::commit_all for the results for locked messages, whose locks the works keep; on a
  /// full disk it uses what was reserved.
  virtual std::vector<std::exception_ptr> commit_all(std::span<const Work> works) = 0;
  /// The same for one; throws its failure.
  void commit(const Work& work);
  /// The same for work that does not keep the lock itself: it is kept before it.
  void commit_for(MessageId id, const Work& work);

  [[nodiscard]] bool has_locked(MessageId id) const;
  [[nodiscard]] std::size_t locked() const;  ///< how many

  /// What was read of a message as it was claimed, once; nullopt: it is to be read.
  [[nodiscard]] virtual std::optional<LoadedMessage> take_read(MessageId id);

 protected:
  mutable std::mutex mutex_;
  std::set<MessageId> locked_;               ///< guarded by `mutex_`
  std::map<MessageId, LoadedMessage> read_;  ///< of `locked_`; guarded by `mutex_`
};

}  // namespace postern::store
