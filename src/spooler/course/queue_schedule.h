// When the spooler looks into the outgoing queue, and how much it takes.
//
// No thread, clock or I/O. Never throws anything but std::bad_alloc. Threads: one thread at a time;
// the spooler holds its mutex.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "mapi/file_time.h"

namespace postern::spooler {

class QueueSchedule {
 public:
  /// The queue is looked at again after this time, whatever the notifications say: they are hints
  /// (mapi-submission.md §15).
  static constexpr std::chrono::seconds rescan_interval{30};
  /// Messages taken by one look.
  static constexpr std::size_t largest_claim = 50;

  /// `max_in_flight`: messages that are worked on at once; at least 1.
  explicit QueueSchedule(std::size_t max_in_flight) : max_in_flight_(max_in_flight) {}

  /// A look into the queue.
  struct Look {
    std::size_t limit = 0;
    std::uint64_t change = 0;  ///< what it will have seen
  };
  /// The look that is due now; nullopt if there is none: one is under way, nothing has changed
  /// since the last, or there is no room.
  std::optional<Look> begin_look(mapi::FileTime now, std::size_t in_flight);
  /// So much less is in flight than may be that a look is worth its cost.
  [[nodiscard]] bool has_room(std::size_t in_flight) const;
  /// It has taken `count` messages; the next one is due at `next_due`.
  void end_look(const Look& look, std::size_t count, std::optional<mapi::FileTime> next_due,
                mapi::FileTime now);
  /// It has failed and is to be made again.
  void fail_look() { looking_ = false; }

  /// Something has changed in the queue.
  void changed() { ++change_; }
  /// A message is held until then.
  void held(mapi::FileTime until);

  /// When the next look is due if nothing changes; `now` if one is.
  [[nodiscard]] mapi::FileTime next_look(mapi::FileTime now) const;
  /// Nothing has changed since a look that found no message due.
  [[nodiscard]] bool is_quiet() const { return !looking_ && seen_ == change_; }

 private:
  [[nodiscard]] bool is_due(mapi::FileTime now) const;

  std::size_t max_in_flight_;
  bool looking_ = false;
  std::uint64_t change_ = 1;
  std::uint64_t seen_ = 0;  ///< the change that the last look which found nothing more has seen
  std::optional<mapi::FileTime> next_due_;
  std::optional<mapi::FileTime> held_meanwhile_;  ///< the look under way may have missed it
  mapi::FileTime last_look_{};
};

}  // namespace postern::spooler
