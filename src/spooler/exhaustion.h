// What becomes of sessions that have run out of something (descriptors, threads, memory, disk):
// each rests, longer each time in a row, and people are told once. No clock, not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>

#include "mapi/error.h"

#pragma GCC visibility push(default)
namespace postern::spooler {

class Exhaustion {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// The same lack, wherever it is met, is no news before this has passed.
  static constexpr std::chrono::hours news_again{1};

  /// What one session keeps of it.
  struct Session {
    int times = 0;  ///< in a row
  };
  struct Rest {
    std::chrono::milliseconds pause{0};
    bool is_news = false;
  };

  /// A rest takes `first`, then twice as long each time, at most `longest`.
  Exhaustion(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest) {}

  /// `lack`: mapi::is_exhaustion.
  Rest met(Session& session, mapi::Code lack, Time now);
  /// The session has found what it needs. True: that is news, as none rests any more.
  bool recovered(Session& session);

 private:
  const std::chrono::milliseconds first_;
  const std::chrono::milliseconds longest_;
  std::size_t sessions_ = 0;  ///< that have met it and not recovered
  std::map<mapi::Code, Time> told_;
  bool is_told_ = false;  ///< and not that it is over
};

}  // namespace postern::spooler
#pragma GCC visibility pop
