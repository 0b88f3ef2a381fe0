// The messages that transports have kept (END_DONT_RESEND) and will ask for by NOTIFY_SENTDEFERRED
// (mapi-submission.md §§3.6, 3.10).
//
// No thread, clock or I/O. Never throws anything but std::bad_alloc. Threads: one thread at a time;
// the spooler holds its mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "mapi/entry_id.h"

namespace postern::spooler {

class DeferralList {
 public:
  /// A message and the transport that keeps it.
  using Kept = std::pair<mapi::EntryId, std::size_t>;

  /// The run of the message has ended with END_DONT_RESEND.
  void keep(const mapi::EntryId& entry, std::size_t transport);
  /// The run of the message has ended otherwise.
  void forget_early(const mapi::EntryId& entry);
  /// The transport asks for a message that it keeps, or, `is_running`, for one whose run has not
  /// ended yet. Anything else is ignored. Returns whether a message is to be taken now.
  bool ask(const mapi::EntryId& entry, std::size_t transport, bool is_running);
  /// Those that were asked for.
  std::deque<Kept> take_asked() { return std::exchange(asked_, {}); }
  [[nodiscard]] bool is_any_asked_for() const { return !asked_.empty(); }

  /// No longer kept; returns the transport that did.
  std::optional<std::size_t> remove(const mapi::EntryId& entry);
  [[nodiscard]] const std::map<mapi::EntryId, std::size_t>& kept() const { return kept_; }

 private:
  std::map<mapi::EntryId, std::size_t> kept_;
  std::deque<Kept> asked_;
  std::set<Kept> early_;  ///< asked for before their run has ended
};

}  // namespace postern::spooler
