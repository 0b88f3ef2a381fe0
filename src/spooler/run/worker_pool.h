// Threads that run the spooler's work.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "mapi/error.h"
#include "spooler/run/executor.h"

namespace postern::spooler {

/// Threads: `run` may be called from any.
class WorkerPool final : public Executor {
 public:
  /// As many threads as there can be. Throws mapi::Failure(MAPI_E_NOT_ENOUGH_RESOURCES) if there is
  /// not one; calls `fewer` if there are fewer than `count`.
  WorkerPool(std::size_t count, const std::function<void(const mapi::Failure&)>& fewer);
  /// Runs what waits, then ends.
  ~WorkerPool() override;
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void run(std::function<void()> work) override;

 private:
  void work();
  void end();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace postern::spooler
