// The time as a value, which is passed into the code without a clock of its own.
#pragma once

#include <chrono>

#pragma GCC visibility push(default)
namespace postern {

using SteadyTime = std::chrono::steady_clock::time_point;

struct TimePoint {
  SteadyTime steady;                           ///< for deadlines
  std::chrono::system_clock::time_point wall;  ///< for what people read

  /// The time by the system's clocks.
  static TimePoint now() {
    return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
  }
};

}  // namespace postern
#pragma GCC visibility pop
