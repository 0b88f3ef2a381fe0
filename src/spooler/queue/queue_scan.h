// The spooler's view of the outgoing queue: which message is next, and when.
//
// Messages are returned in the order of the queue table; held ones (a retry time, a deferred send
// time) are returned when they are due and do not block later ones (mapi-submission.md §3.6). The
// table is read page by page after the last row seen; of rows that are processed or held only the
// entry id is kept, so a long queue needs little memory.
//
// Errors: mapi::Failure of the store. Threads: one thread at a time; the spooler holds its mutex.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "mapi/msg_store.h"

namespace postern::spooler {

/// An iteration over the queue.
class QueueScan {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// `store` must outlive the scan.
  explicit QueueScan(const mapi::MsgStore& store) : store_(store) {}

  /// The next message to be processed; nullopt if none is due. The caller then calls `finished` or
  /// `hold` for it.
  std::optional<mapi::EntryId> take(Time now);

  /// A message that was taken has left the queue, or is held until a time.
  void finished(const mapi::EntryId& entry) { known_.erase(entry); }
  void hold(const mapi::EntryId& entry, Time until) { held_.emplace(until, entry); }

  /// Reads the table from its start again: rows may have been added before those already seen (by
  /// another process, or after a clock step).
  void rewind() { last_seen_.reset(); }

  /// All messages that wait for their next attempt are due now (mapi-submission.md §3.12); a
  /// deferred send time, which the sender has set, still applies.
  void flush();

  /// Further messages have been read that `take` would return at once.
  [[nodiscard]] bool has_ready() const { return !ready_.empty(); }

  /// When the next held message is due; nullopt if there is none.
  [[nodiscard]] std::optional<Time> next_due() const;

  /// Messages known and not finished.
  [[nodiscard]] std::size_t known() const { return known_.size(); }
  /// Messages that wait for their time.
  [[nodiscard]] std::size_t held() const { return held_.size(); }

 private:
  void read_page(Time now);

  const mapi::MsgStore& store_;
  std::optional<mapi::MsgStore::QueuePosition> last_seen_;
  bool flushing_ = false;  ///< until the table has been read to its end
  std::deque<mapi::EntryId> ready_;
  std::multimap<Time, mapi::EntryId> held_;
  std::set<mapi::EntryId> known_;
};

}  // namespace postern::spooler
