// Runs what concerns one message in its order, and never two pieces at once.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "spooler/run/executor.h"

namespace postern::spooler {

/// Threads: `run` may be called from any. Work that waits keeps the object alive.
class Serial : public std::enable_shared_from_this<Serial> {
 public:
  explicit Serial(Executor& executor) : executor_(executor) {}

  void run(std::function<void()> work) {
    {
      const std::scoped_lock lock(mutex_);
      work_.push_back(std::move(work));
      if (std::exchange(busy_, true)) return;
    }
    take_turn();
  }

 private:
  /// One turn at the executor. What waits usually owns this queue: if the executor drops the turn,
  /// all of it is let go, so that nothing owns itself for ever.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<Serial> serial) : serial_(std::move(serial)) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (serial_) serial_->let_go();
    }
    void run() { std::exchange(serial_, nullptr)->run_first(); }

   private:
    std::shared_ptr<Serial> serial_;
  };

  /// Without the lock: an executor that cannot take the turn drops it.
  void take_turn() {
    executor_.run([turn = std::make_shared<Turn>(shared_from_this())] { turn->run(); });
  }
  void let_go() {
    std::deque<std::function<void()>> work;
    const std::scoped_lock lock(mutex_);
    work.swap(work_);
    busy_ = false;
  }
  void run_first() {
    std::function<void()> work;
    {
      const std::scoped_lock lock(mutex_);
      work = std::move(work_.front());
      work_.pop_front();
    }
    work();
    {
      const std::scoped_lock lock(mutex_);
      busy_ = !work_.empty();
      if (!busy_) return;
    }
    take_turn();
  }

  Executor& executor_;
  std::mutex mutex_;
  std::deque<std::function<void()>> work_;
  bool busy_ = false;
};

}  // namespace postern::spooler
