// Whether a server is so near that its answer comes sooner than a sleeping thread is woken. Then a
// few looks at the socket are cheaper than a sleep, for both sides: to put a thread to sleep and to
// wake it costs as much as a whole SMTP transaction on a local machine. No clock.
//
// Learned from the sleeps: a server that ended one within `near` is near until a sleep was longer.
// What it costs where it is wrong is bounded: `max_spins` for each time something moved.
#pragma once

#include <chrono>

#include "base/clock.h"

namespace postern::smtp {

class AdaptiveSpin {
 public:
  static constexpr std::chrono::microseconds short_sleep{60};
  static constexpr int max_spins = 24;  ///< some 30 µs

  /// Nothing moved: whether to look again instead of sleeping.
  bool should_spin() { return spinning_ && spins_++ < max_spins; }
  void moved() { spins_ = 0; }
  void slept_for(SteadyTime::duration time) {
    spinning_ = time < short_sleep;
    spins_ = 0;
  }

 private:
  bool spinning_ = false;
  int spins_ = 0;  ///< since something moved
};

}  // namespace postern::smtp
