// Where in the outgoing queue a look for messages to claim begins.
//
// What a spooler has locked, and cannot send yet for want of room where it goes, stays at the front
// of the queue. Once that is much, looks begin behind it. What becomes due in front of that place
// meanwhile (an operator has it tried at once, say) is found by a look from the front; of those
// there are so few that they take a twentieth of the time.
//
// No thread, clock or I/O. Threads: one at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "store/table/queue_table.h"

namespace postern::store {

class LookStart {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// Messages that are locked; so many are passed over by every look.
  static constexpr std::size_t few = 1000;

  /// A place in the order of each of the two kinds of messages that may be due.
  struct Place {
    DuePosition ready{};
    DuePosition overdue{};
  };

  /// Where a look begins that is made now.
  [[nodiscard]] Place begin(std::size_t locked, Time now);
  /// It has ended: up to `passed` there is nothing but what is locked.
  void end(const Place& passed, Time now);

  /// Where the last look has left off, if the next one begins there; else the front.
  [[nodiscard]] Place next(std::size_t locked) const;
  /// When the next look from the front is due; nullopt: every look is one.
  [[nodiscard]] std::optional<Time> next_from_front(std::size_t locked) const;

 private:
  Place passed_{};
  Time begun_{};
  Time next_from_front_{};
  bool is_from_front_ = true;
};

}  // namespace postern::store
