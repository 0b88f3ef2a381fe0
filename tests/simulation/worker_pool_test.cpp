// The threads of a spooler under simulated clocks.
#include "spooler/run/worker_pool.h"

#include <atomic>
#include <chrono>

#include <gtest/gtest.h>

#include "tests/simulation/time/simulated_clock.h"

namespace postern::simulation {
namespace {

using namespace std::chrono_literals;

TEST(WorkerPoolTest, AlarmComesInTimeAlthoughTheWallClockWasSetBack) {
  SimulatedClock clock;
  std::atomic<int> alarms = 0;
  spooler::WorkerPool pool(1, {});
  pool.on_alarm([&alarms] { ++alarms; });
  pool.set_alarm(std::chrono::system_clock::now() + 20s);
  clock.set_wall_by(-12h);
  clock.advance_to(clock.now() + 30s);
  pool.run([] {});  // so that it looks at its alarm
  pool.end();
  EXPECT_EQ(alarms, 1);
}

}  // namespace
}  // namespace postern::simulation
