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

/// Whoever is at a piece of work for so long waits for something.
constexpr std::chrono::milliseconds longest_quick_work{2};

std::ptrdiff_t most_quick_threads() {
  static const auto processors = static_cast<std::ptrdiff_t>(std::thread::hardware_concurrency());
  return std::max<std::ptrdiff_t>(processors, 1) + 1;
}

thread_local const WorkerPool* pool_of_this_thread = nullptr;

}  // namespace

bool WorkerPool::Alarm::is_due() const {
  const auto now = TimePoint::now();
  return time <= now.wall || in_time <= now.steady;
}

WorkerPool::WorkerPool(std::size_t count, const std::function<void(const mapi::Failure&)>& fewer)
    : workers_(count) {
  threads_.reserve(count);
  while (threads_.size() < count) {
    try {
      threads_.emplace_back([this, &worker = workers_[threads_.size()]] { work(worker); });
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
  for (auto& worker : workers_) worker.called.notify_all();
  time_changed_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::run(std::function<void()> work) {
  std::condition_variable* waiting = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    work_.push_back(std::move(work));
    if (!is_own_thread()) waiting = helper();
  }
  if (waiting != nullptr) waiting->notify_one();
}

void WorkerPool::on_alarm(std::function<void()> work) {
  const std::scoped_lock lock(mutex_);
  on_alarm_ = std::move(work);
  if (auto* waiting = keeper()) waiting->notify_one();
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
    if (is_own_thread()) {  // which looks when its work ends
      waiting = wanted.is_due() ? watcher() : keeper();
    } else {
      waiting = wanted.is_due() || !is_time_kept_ ? waiting_thread() : keeper();
    }
  }
  if (waiting != nullptr) waiting->notify_one();
}

bool WorkerPool::is_own_thread() const {
  return pool_of_this_thread == this;
}

std::condition_variable* WorkerPool::helper() {
  return is_help_wanted() || !is_time_kept_ ? waiting_thread() : watcher();
}

/// Looks soon whether those that are to do what waits have become slow.
std::condition_variable* WorkerPool::watcher() {
  return std::exchange(watches_slow_, true) ? nullptr : keeper();
}

std::condition_variable* WorkerPool::keeper() {
  return is_time_kept_ ? &time_changed_ : nullptr;
}

std::condition_variable* WorkerPool::waiting_thread() {
  if (!idle_.empty()) {
    auto& worker = *idle_.back();
    idle_.pop_back();
    worker.is_called = true;
    return &worker.called;
  }
  return keeper();
}

bool WorkerPool::is_help_wanted() const {
  const auto now = std::chrono::steady_clock::now();
  const auto is_quick = [&](const Worker& worker) {
    return worker.is_called || (worker.since && now - *worker.since < longest_quick_work);
  };
  return std::ranges::count_if(workers_, is_quick) < most_quick_threads();
}

void WorkerPool::work(Worker& worker) {
  pool_of_this_thread = this;
  std::unique_lock lock(mutex_);
  while (auto work = next(lock, worker)) {
    worker.since = std::chrono::steady_clock::now();
    auto* waiting = is_anything_left() ? helper() : nullptr;
    lock.unlock();
    if (waiting != nullptr) waiting->notify_one();
    work();
    work = nullptr;
    lock.lock();
    worker.since.reset();
  }
}

/// While the work that was taken is done.
bool WorkerPool::is_anything_left() const {
  return !work_.empty() || (alarm_ && !is_time_kept_);
}

std::function<void()> WorkerPool::next(std::unique_lock<std::mutex>& lock, Worker& worker) {
  while (true) {
    if (auto work = take_due()) return work;
    if (is_help_wanted() || ending_) {
      if (auto work = take_work()) return work;
    }
    if (ending_) return {};
    if (!is_time_kept_) {
      keep_time(lock);
      continue;
    }
    auto* watching = work_.empty() ? nullptr : watcher();
    if (watching != nullptr) watching->notify_one();
    wait(lock, worker);
  }
}

std::function<void()> WorkerPool::take_due() {
  if (!is_alarm_due()) return {};
  alarm_.reset();
  return on_alarm_;
}

std::function<void()> WorkerPool::take_work() {
  if (work_.empty()) return {};
  auto work = std::move(work_.front());
  work_.pop_front();
  return work;
}

void WorkerPool::wait(std::unique_lock<std::mutex>& lock, Worker& worker) {
  idle_.push_back(&worker);
  worker.called.wait(lock, [&] { return worker.is_called || ending_; });
  worker.is_called = false;
}

/// Has others do what is due, so that always the same few threads work; the last one does it
/// itself.
void WorkerPool::keep_time(std::unique_lock<std::mutex>& lock) {
  is_time_kept_ = true;
  while (!ending_) {
    watches_slow_ = !work_.empty() || is_alarm_due();
    time_changed_.wait_for(lock, longest_rest());
    if (!is_anything_due()) continue;
    if (idle_.empty()) break;
    waiting_thread()->notify_one();
    time_changed_.wait_for(lock, longest_quick_work);
  }
  is_time_kept_ = false;
}

WorkerPool::Time::duration WorkerPool::longest_rest() const {
  if (watches_slow_) return longest_quick_work;
  if (!alarm_ || !on_alarm_) return longest_wait;
  const auto now = TimePoint::now();
  return std::min<Time::duration>(
      {alarm_->time - now.wall, alarm_->in_time - now.steady, longest_wait});
}

bool WorkerPool::is_anything_due() const {
  return is_alarm_due() || (!work_.empty() && is_help_wanted());
}

bool WorkerPool::is_alarm_due() const {
  return on_alarm_ && alarm_ && alarm_->is_due();
}

}  // namespace postern::spooler
