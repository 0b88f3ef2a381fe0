#include "spooler/run/worker_pool.h"

#include <string>
#include <system_error>
#include <utility>

namespace postern::spooler {

WorkerPool::WorkerPool(std::size_t count, const std::function<void(const mapi::Failure&)>& fewer) {
  threads_.reserve(count);
  while (threads_.size() < count) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      const int number = error.code().value();
      if (threads_.empty()) {
        throw mapi::system_failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES, "nothing can be sent",
                                   number);
      }
      fewer(mapi::system_failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES,
                                 "only " + std::to_string(threads_.size()) + " of " +
                                     std::to_string(count) + " threads work",
                                 number));
      return;
    }
  }
}

WorkerPool::~WorkerPool() {
  end();
}

void WorkerPool::end() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void WorkerPool::run(std::function<void()> work) {
  {
    const std::scoped_lock lock(mutex_);
    work_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !work_.empty(); });
    if (work_.empty()) return;
    auto work = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace postern::spooler
