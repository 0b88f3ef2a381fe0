#include "tests/simulation/time/simulated_clock.h"

#include <atomic>
#include <cerrno>
#include <ctime>
#include <sys/syscall.h>
#include <unistd.h>

namespace postern::simulation {
namespace {

constexpr std::int64_t in_a_second = 1'000'000'000;
constexpr std::int64_t first_moment = 1'000'000 * in_a_second;
constexpr std::int64_t first_wall = 1'790'000'000 * in_a_second;  // in the year 2026

std::atomic<bool> is_simulated = false;
std::atomic<std::int64_t> monotonic = 0;
std::atomic<std::int64_t> wall_ahead = 0;  ///< of the monotonic clock

}  // namespace

SimulatedClock::SimulatedClock() {
  monotonic = first_moment;
  wall_ahead = first_wall - first_moment;
  is_simulated = true;
}

SimulatedClock::~SimulatedClock() {
  is_simulated = false;
}

Moment SimulatedClock::now() const {
  return Moment{Span{monotonic.load()}};
}

mapi::FileTime SimulatedClock::wall() const {
  return mapi::FileTime::now();
}

void SimulatedClock::advance_to(Moment moment) {
  const auto time = std::chrono::duration_cast<Span>(moment.time_since_epoch()).count();
  if (time > monotonic) monotonic = time;
}

void SimulatedClock::set_wall_by(Span distance) {
  wall_ahead += distance.count();
}

}  // namespace postern::simulation

// The C library's, for this program and the libraries that it is linked to.
#pragma GCC visibility push(default)

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  using namespace postern::simulation;
  if (!is_simulated) return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  const bool is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  const auto now = monotonic + (is_wall ? wall_ahead.load() : 0);
  time->tv_sec = now / in_a_second;
  time->tv_nsec = now % in_a_second;
  return 0;
}

/// Asio does without: then its timers go by the clock above.
extern "C" int timerfd_create(int, int) noexcept {
  errno = ENOSYS;
  return -1;
}
#pragma GCC visibility pop
