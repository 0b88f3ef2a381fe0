// The outgoing queue as the spooler sees it: which message is next, and when.
//
// Messages come in the order of the queue table; those that are held (a retry time, a deferred send
// time) come when their time has come and do not block later ones (mapi-submission.md §3.6). The
// table is read page by page behind the last row seen; rows that are worked on or held are known
// by their entry id only, so a long queue costs little memory. Not thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "mapi/msg_store.h"

#pragma GCC visibility push(default)
namespace postern::spooler {

class QueueScan {
 public:
  using Time = std::chrono::system_clock::time_point;

  explicit QueueScan(const mapi::MsgStore& store) : store_(store) {}

  /// The next message to be worked on, or nothing at the moment. It stays known until `finished`
  /// or `hold` says what became of it.
  std::optional<mapi::EntryId> take(Time now);

  void finished(const mapi::EntryId& entry) { known_.erase(entry); }
  void hold(const mapi::EntryId& entry, Time until) { held_.emplace(until, entry); }

  /// Rows may have come in front of those already seen (another process, a clock step).
  void rewind() { last_seen_.reset(); }

  /// Whatever waits in the queue for its next attempt is due now (mapi-submission.md §3.12); a
  /// deferred send time, which is the sender's wish, still holds.
  void flush();

  /// Further messages have been read that `take` would give at once.
  [[nodiscard]] bool has_ready() const { return !ready_.empty(); }

  /// When the next held message is due.
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
#pragma GCC visibility pop
