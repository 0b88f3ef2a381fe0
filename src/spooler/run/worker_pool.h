// Threads that run the spooler's work.
//
// More threads at work than processors only wake each other. So as long as what they do is short,
// one more than there are processors do it, always the same ones if they can. For each that has
// been at a piece of work for a while, as it waits for a disk, a database or a server, another one
// joins.
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
  struct Worker {
    std::optional<SteadyTime> since;  ///< when it began what it does; nullopt: it waits
    bool is_called = false;           ///< it will look for work soon
    std::condition_variable called;
  };

  void work(Worker& worker);
  /// What is to be run now; empty: the pool ends.
  std::function<void()> next(std::unique_lock<std::mutex>& lock, Worker& worker);
  std::function<void()> take_due();
  std::function<void()> take_work();
  void wait(std::unique_lock<std::mutex>& lock, Worker& worker);
  void keep_time(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Time::duration longest_rest() const;
  /// Who is to be notified, without the lock, so that what waits is done; null: nobody.
  [[nodiscard]] std::condition_variable* helper();
  [[nodiscard]] std::condition_variable* waiting_thread();
  [[nodiscard]] std::condition_variable* watcher();
  [[nodiscard]] std::condition_variable* keeper();
  [[nodiscard]] bool is_alarm_due() const;
  [[nodiscard]] bool is_anything_due() const;
  [[nodiscard]] bool is_help_wanted() const;
  [[nodiscard]] bool is_anything_left() const;
  [[nodiscard]] bool is_own_thread() const;

  std::mutex mutex_;
  /// One thread at most waits for it, for the alarm, and for threads that have become slow.
  std::condition_variable time_changed_;
  std::vector<Worker*> idle_;  ///< the last one is called first: what it needs is in the caches
  bool is_time_kept_ = false;  ///< by that thread
  bool watches_slow_ = false;  ///< it wakes soon
  std::vector<Worker> workers_;
  std::deque<std::function<void()>> work_;
  std::function<void()> on_alarm_;
  std::optional<Alarm> alarm_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace postern::spooler
