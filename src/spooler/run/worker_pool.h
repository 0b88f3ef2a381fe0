// Threads that run the spooler's work.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "mapi/error.h"
#include "spooler/run/executor.h"

namespace postern::spooler {

/// Threads: `run` may be called from any.
class WorkerPool final : public Executor {
 public:
  /// As many threads as there can be. Throws mapi::Failure(MAPI_E_NOT_ENOUGH_RESOURCES) if there is
  /// not one; calls `fewer` if there are fewer than `count`.
  WorkerPool(std::size_t count, const std::function<void(const mapi::Failure&)>& fewer);
  ~WorkerPool() override;  ///< end()
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// What a worker brings is begun when its own work ends at the latest, by itself if nobody else
  /// has time: it wakes no other thread for what it can do itself.
  void run(std::function<void()> work) override;

  /// Runs what waits, also what that brings, and ends the threads.
  void end();

  using Time = std::chrono::system_clock::time_point;
  /// What is run at the time of `set_alarm`. To be called once.
  void on_alarm(std::function<void()> work);
  /// At that time, or earlier if it is set to an earlier one, once; in time also if the system's
  /// clock is set back meanwhile. If it is set forward beyond that time, within half a minute.
  void set_alarm(Time time);

 private:
  struct Alarm {
    Time time;
    SteadyTime in_time;
    [[nodiscard]] bool is_due() const;
  };

  void work();
  /// What is to be run now; empty: the pool ends.
  std::function<void()> next(std::unique_lock<std::mutex>& lock);
  std::function<void()> take_due();
  void wait(std::unique_lock<std::mutex>& lock);
  void wait_for_alarm(std::unique_lock<std::mutex>& lock);
  /// Who is to be notified, without the lock, so that another thread works; null: nobody waits.
  [[nodiscard]] std::condition_variable* waiting_thread();
  [[nodiscard]] bool is_anything_left() const;
  [[nodiscard]] bool is_own_thread() const;

  std::mutex mutex_;
  std::condition_variable changed_;  ///< `idle_` threads wait for it, longer than for an alarm
  std::condition_variable alarm_changed_;  ///< one thread at most waits for it and for the alarm
  std::size_t idle_ = 0;
  bool is_alarm_kept_ = false;  ///< by that thread
  std::deque<std::function<void()>> work_;
  std::function<void()> on_alarm_;
  std::optional<Alarm> alarm_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace postern::spooler
