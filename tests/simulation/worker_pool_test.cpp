// The threads of a spooler under simulated clocks.
#include "spooler/run/worker_pool.h"

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>

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

TEST(WorkerPoolTest, IsWokenAlthoughTheWallClockWasSetForward) {
  SimulatedClock clock;
  std::atomic<int> alarms = 0;
  spooler::WorkerPool pool(1, {});
  pool.on_alarm([&alarms] { ++alarms; });
  pool.set_alarm(std::chrono::system_clock::now() + 20s);
  std::this_thread::sleep_for(50ms);  // it waits for the alarm
  clock.set_wall_by(12h);
  pool.set_alarm(std::chrono::system_clock::now());
  for (int i = 0; i < 500 && alarms == 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(alarms, 1);
}

TEST(WorkerPoolTest, AnotherThreadJoinsForEachThatWaits) {
  const auto many = std::thread::hardware_concurrency() + 5;
  spooler::WorkerPool pool(many, {});
  std::latch all_have_begun(many);
  std::atomic<bool> is_over = false;
  const auto wait = [&] {
    for (int i = 0; i < 1000 && !is_over && !all_have_begun.try_wait(); ++i) {
      std::this_thread::sleep_for(10ms);
    }
  };
  for (unsigned i = 0; i < many; ++i) {
    pool.run([&] {
      all_have_begun.count_down();
      wait();
    });
  }
  wait();
  EXPECT_TRUE(all_have_begun.try_wait());
  is_over = true;
  pool.end();
}

TEST(WorkerPoolTest, WhatAThreadHasBroughtIsDoneThoughTheOthersBecomeSlow) {
  const auto enough = std::thread::hardware_concurrency() + 1;  // do quick work at once
  spooler::WorkerPool pool(enough + 5, {});
  std::atomic<bool> is_done = false;
  std::atomic<unsigned> begun = 0;
  const auto wait_until_done = [&](int hundredths) {
    for (int i = 0; i < hundredths && !is_done; ++i) std::this_thread::sleep_for(10ms);
  };
  pool.run([&] {
    while (begun < enough) std::this_thread::yield();
    pool.run([&] { is_done = true; });
  });
  std::this_thread::sleep_for(10ms);  // it is slow, so that as many as are enough work besides
  for (unsigned i = 0; i < enough; ++i) {
    pool.run([&] {
      ++begun;
      wait_until_done(400);
    });
  }
  wait_until_done(200);
  EXPECT_TRUE(is_done);
  pool.end();
}

TEST(WorkerPoolTest, AlarmOfAThreadThatBecomesSlowComes) {
  spooler::WorkerPool pool(4, {});
  std::atomic<bool> has_come = false;
  pool.on_alarm([&] { has_come = true; });
  std::this_thread::sleep_for(50ms);  // one keeps the time
  pool.run([&] {
    pool.set_alarm(std::chrono::system_clock::now());
    for (int i = 0; i < 500 && !has_come; ++i) std::this_thread::sleep_for(10ms);
  });
  for (int i = 0; i < 200 && !has_come; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(has_come);
  pool.end();
}

}  // namespace
}  // namespace postern::simulation
