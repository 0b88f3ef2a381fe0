#include "spooler/run/worker_pool.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

namespace postern::spooler {
namespace {

/// When that time is by the clock that nobody sets, as long as nobody sets the other.
SteadyTime in_time(WorkerPool::Time time) {
  constexpr WorkerPool::Time::duration longest = std::chrono::hours{24 * 365};
  const auto now = TimePoint::now();
  return time <= now.wall ? now.steady : now.steady + std::min(time - now.wall, longest);
}

}  // namespace

bool WorkerPool::Alarm::is_due() const {
  const auto now = TimePoint::now();
  return time <= now.wall || in_time <= now.steady;
}

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
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::run(std::function<void()> work) {
  {
    const std::scoped_lock lock(mutex_);
    work_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void WorkerPool::on_alarm(std::function<void()> work) {
  const std::scoped_lock lock(mutex_);
  on_alarm_ = std::move(work);
}

void WorkerPool::set_alarm(Time time) {
  {
    const std::scoped_lock lock(mutex_);
    if (!alarm_ || time < alarm_->time) alarm_ = Alarm{time, in_time(time)};
  }
  changed_.notify_one();
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  while (auto work = next(lock)) {
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

std::function<void()> WorkerPool::next(std::unique_lock<std::mutex>& lock) {
  while (true) {
    if (on_alarm_ && alarm_ && alarm_->is_due()) {
      alarm_.reset();
      return on_alarm_;
    }
    if (!work_.empty()) {
      auto work = std::move(work_.front());
      work_.pop_front();
      return work;
    }
    if (ending_) return {};
    // Looked at again after a while even so: a system's clock may be set.
    constexpr auto longest_wait = std::chrono::seconds{30};
    const auto now = std::chrono::system_clock::now();
    changed_.wait_for(lock, alarm_ ? std::min<Time::duration>(alarm_->time - now, longest_wait)
                                   : Time::duration(longest_wait));
  }
}

}  // namespace postern::spooler
