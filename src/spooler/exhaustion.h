// The back-off of sessions that have met an exhausted resource (descriptors, threads, memory,
// disk): each pauses, longer each time in a row, and operators are told once.
//
// No clock. Never throws anything but std::bad_alloc. Threads: one thread at a time; the spooler
// holds its mutex.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>

#include "mapi/error.h"

#pragma GCC visibility push(default)
namespace postern::spooler {

/// The pauses of all sessions of a spooler.
class ExhaustionBackoff {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// The same resource, in whichever session, is reported again after this time.
  static constexpr std::chrono::hours repeat_interval{1};

  /// The state of one session.
  struct Session {
    int times = 0;  ///< in a row
  };
  /// The pause of one session, and whether it is to be reported.
  struct Backoff {
    std::chrono::milliseconds pause{0};
    bool is_news = false;
  };

  /// A pause takes `first`, then twice as long each time, at most `longest`.
  ExhaustionBackoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest) {}

  /// `lack`: a code of mapi::is_exhaustion.
  Backoff on_exhausted(Session& session, mapi::Code lack, Time now);
  /// The session has the resources it needs. Returns whether that is to be reported, as no session
  /// pauses any more.
  bool recovered(Session& session);

 private:
  const std::chrono::milliseconds first_;
  const std::chrono::milliseconds longest_;
  std::size_t sessions_ = 0;  ///< that pause
  std::map<mapi::Code, Time> told_;
  bool is_told_ = false;  ///< that a resource is exhausted, and not yet that it is over
};

}  // namespace postern::spooler
#pragma GCC visibility pop
