// Whether a server is so near that its answer comes sooner than a sleeping thread is woken. Then a
// few looks at the socket are cheaper than a sleep, for both sides: to put a thread to sleep and to
// wake it costs as much as a whole SMTP transaction on a local machine. No clock.
//
// Learned from the sleeps: a server that ended one within `near` is near until a sleep was longer.
// What it costs where it is wrong is bounded: `most_looks` for each time something moved.
#pragma once

#include <chrono>

#include "base/clock.h"

namespace postern::smtp {

class Nearness {
 public:
  static constexpr std::chrono::microseconds near{60};
  static constexpr int most_looks = 24;  ///< some 30 µs

  /// Nothing moved: whether to look again instead of sleeping.
  bool look_again() { return near_ && looks_++ < most_looks; }
  void moved() { looks_ = 0; }
  void slept(SteadyTime::duration time) {
    near_ = time < near;
    looks_ = 0;
  }

 private:
  bool near_ = false;
  int looks_ = 0;  ///< since something moved
};

}  // namespace postern::smtp
