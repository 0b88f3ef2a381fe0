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

/// Looked at again after a while even if nothing happens: a system's clock may be set.
constexpr std::chrono::seconds longest_wait{30};

thread_local const WorkerPool* pool_of_this_thread = nullptr;

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
  alarm_changed_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::run(std::function<void()> work) {
  std::condition_variable* waiting = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    work_.push_back(std::move(work));
    if (!is_own_thread()) waiting = waiting_thread();
  }
  if (waiting != nullptr) waiting->notify_one();
}

void WorkerPool::on_alarm(std::function<void()> work) {
  const std::scoped_lock lock(mutex_);
  on_alarm_ = std::move(work);
}

void WorkerPool::set_alarm(Time time) {
  std::condition_variable* waiting = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    const Alarm wanted{time, in_time(time)};
    if (alarm_ && alarm_->time <= wanted.time && alarm_->in_time <= wanted.in_time) return;
    alarm_ = alarm_ ? Alarm{std::min(alarm_->time, wanted.time),
                            std::min(alarm_->in_time, wanted.in_time)}
                    : wanted;
    if (is_alarm_kept_) {
      waiting = &alarm_changed_;
    } else if (!is_own_thread()) {
      waiting = waiting_thread();
    }
  }
  if (waiting != nullptr) waiting->notify_one();
}

bool WorkerPool::is_own_thread() const {
  return pool_of_this_thread == this;
}

std::condition_variable* WorkerPool::waiting_thread() {
  if (idle_ > 0) return &changed_;
  return is_alarm_kept_ ? &alarm_changed_ : nullptr;
}

void WorkerPool::work() {
  pool_of_this_thread = this;
  std::unique_lock lock(mutex_);
  while (auto work = next(lock)) {
    auto* waiting = is_anything_left() ? waiting_thread() : nullptr;
    lock.unlock();
    if (waiting != nullptr) waiting->notify_one();
    work();
    work = nullptr;
    lock.lock();
  }
}

/// While the work that was taken is done.
bool WorkerPool::is_anything_left() const {
  return !work_.empty() || (alarm_ && !is_alarm_kept_);
}

std::function<void()> WorkerPool::next(std::unique_lock<std::mutex>& lock) {
  while (true) {
    if (auto work = take_due()) return work;
    if (ending_) return {};
    if (alarm_ && !is_alarm_kept_) {
      wait_for_alarm(lock);
    } else {
      wait(lock);
    }
  }
}

std::function<void()> WorkerPool::take_due() {
  if (on_alarm_ && alarm_ && alarm_->is_due()) {
    alarm_.reset();
    return on_alarm_;
  }
  if (work_.empty()) return {};
  auto work = std::move(work_.front());
  work_.pop_front();
  return work;
}

void WorkerPool::wait(std::unique_lock<std::mutex>& lock) {
  ++idle_;
  changed_.wait_for(lock, longest_wait);
  --idle_;
}

void WorkerPool::wait_for_alarm(std::unique_lock<std::mutex>& lock) {
  is_alarm_kept_ = true;
  const auto now = TimePoint::now();
  alarm_changed_.wait_for(
      lock, std::min<Time::duration>(
                {alarm_->time - now.wall, alarm_->in_time - now.steady, longest_wait}));
  is_alarm_kept_ = false;
}

}  // namespace postern::spooler
