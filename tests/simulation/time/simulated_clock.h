// The clocks of the process, as the simulation moves them.
//
// While a SimulatedClock exists, everything in the process that asks the system what time it is
// (clock_gettime, and so std::chrono) gets its time. Nothing sleeps: time passes by `advance`.
#pragma once

#include <chrono>

#include "mapi/file_time.h"

namespace postern::simulation {

/// By the monotonic clock.
using Moment = std::chrono::steady_clock::time_point;
using Span = std::chrono::nanoseconds;

class SimulatedClock {
 public:
  /// One at a time.
  SimulatedClock();
  ~SimulatedClock();
  SimulatedClock(const SimulatedClock&) = delete;
  SimulatedClock& operator=(const SimulatedClock&) = delete;

  [[nodiscard]] Moment now() const;
  [[nodiscard]] mapi::FileTime wall() const;
  void advance_to(Moment moment);
  /// Somebody sets the wall clock, forwards or backwards; the monotonic one goes on.
  void set_wall_by(Span distance);
};

}  // namespace postern::simulation
