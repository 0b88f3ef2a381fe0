// Whether to poll the socket a few times before the thread sleeps. It pays if the server answers
// sooner than a sleeping thread is woken: to put a thread to sleep and to wake it costs as much as
// a whole SMTP transaction on a local machine. No clock.
//
// It adapts to the sleeps: after one shorter than `short_sleep` it spins, until one was longer. The
// cost of a wrong guess is bounded: `max_spins` polls each time octets moved.
#pragma once

#include <chrono>

#include "base/clock.h"

namespace postern::smtp {

class AdaptiveSpin {
 public:
  static constexpr std::chrono::microseconds short_sleep{60};
  static constexpr int max_spins = 24;  ///< some 30 µs

  /// No octets moved: whether to poll again instead of sleeping.
  bool should_spin() { return spinning_ && spins_++ < max_spins; }
  void moved() { spins_ = 0; }
  void slept_for(SteadyTime::duration time) {
    spinning_ = time < short_sleep;
    spins_ = 0;
  }

 private:
  bool spinning_ = false;
  int spins_ = 0;  ///< since octets moved
};

}  // namespace postern::smtp
