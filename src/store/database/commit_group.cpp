#include "store/database/commit_group.h"

#include <algorithm>
#include <iterator>

namespace postern::store {
namespace {

constexpr std::size_t batch_limit = 256;

}  // namespace

void CommitGroup::commit(const Work& work) {
  Entry entry;
  entry.work = &work;
  std::unique_lock lock(mutex_);
  waiting_.push_back(&entry);
  if (wait_for_turn(lock, entry)) {
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), batch_limit));
    const Batch batch(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    execute(batch);
    lock.lock();
    for (auto* done : batch) {
      done->done = true;
      done->turn.notify_one();  // under the lock: the entry dies with its caller's return
    }
    lock.unlock();
    executor_->tidy();
    lock.lock();
    hand_over_leadership();
  }
  lock.unlock();
  if (entry.failure) std::rethrow_exception(entry.failure);
}

std::int64_t CommitGroup::foreign_version() {
  Entry entry;
  std::unique_lock lock(mutex_);
  waiting_.push_front(&entry);
  entry.turn.wait(lock, [&] { return !has_leader_ && waiting_.front() == &entry; });
  has_leader_ = true;
  waiting_.pop_front();
  lock.unlock();
  std::int64_t version = 0;
  try {
    version = executor_->foreign_version();
  } catch (...) {
    entry.failure = std::current_exception();
  }
  lock.lock();
  hand_over_leadership();
  lock.unlock();
  if (entry.failure) std::rethrow_exception(entry.failure);
  return version;
}

bool CommitGroup::wait_for_turn(std::unique_lock<std::mutex>& lock, Entry& entry) {
  entry.turn.wait(lock, [&] { return entry.done || (!has_leader_ && waiting_.front() == &entry); });
  if (entry.done) return false;
  has_leader_ = true;
  return true;
}

void CommitGroup::hand_over_leadership() {
  has_leader_ = false;
  if (!waiting_.empty()) waiting_.front()->turn.notify_one();
}

void CommitGroup::execute(const Batch& batch) noexcept {
  std::vector<Job*> jobs(batch.begin(), batch.end());
  executor_->execute(jobs);
  std::vector<StoreChange> changes;
  for (auto* job : jobs) {
    if (!job->failure) std::ranges::move(job->changes, std::back_inserter(changes));
  }
  if (!changes.empty()) committed_(std::move(changes));
}

}  // namespace postern::store
