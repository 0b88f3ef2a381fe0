#include "store/database/commit_group.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "mapi/error.h"

namespace postern::store {
namespace {

constexpr std::size_t batch_limit = 256;

}  // namespace

void fail_all(std::span<Job*> batch) noexcept {
  const auto failure = mapi::as_failure(std::current_exception());
  for (auto* job : batch) {
    job->failure =
        std::make_exception_ptr(mapi::Failure(failure.code(), std::string(failure.what())));
  }
}

void CommitGroup::Signal::wait() {
  std::unique_lock lock(mutex_);
  given_.wait(lock, [this] { return is_given_; });
  is_given_ = false;
}

void CommitGroup::Signal::give() {
  {
    const std::lock_guard guard(mutex_);
    is_given_ = true;
  }
  given_.notify_one();
}

void CommitGroup::commit(const Work& work) {
  Job job;
  job.work = &work;
  carry_out(std::span(&job, 1));
  if (job.failure) std::rethrow_exception(job.failure);
}

std::vector<std::exception_ptr> CommitGroup::commit_all(std::span<const Work> works) {
  std::vector<Job> jobs(works.size());
  for (std::size_t i = 0; i < works.size(); ++i) jobs[i].work = &works[i];
  if (!jobs.empty()) carry_out(jobs);
  std::vector<std::exception_ptr> failures;
  failures.reserve(jobs.size());
  for (const auto& job : jobs) failures.push_back(job.failure);
  return failures;
}

void CommitGroup::carry_out(std::span<Job> jobs) {
  Entry entry;
  entry.jobs = jobs;
  if (lead(entry)) {
    const auto batch = take_batch(entry);
    execute(batch);
    for (auto* other : batch) {
      if (other == &entry) continue;
      const auto signal = other->signal;  // the entry dies with its caller's return
      other->is_done = true;
      signal->give();
    }
    executor_->tidy();
    hand_over_leadership();
  }
}

std::int64_t CommitGroup::foreign_version() {
  Entry entry;
  lead(entry);
  try {
    const auto version = executor_->foreign_version();
    hand_over_leadership();
    return version;
  } catch (...) {
    hand_over_leadership();
    throw;
  }
}

bool CommitGroup::lead(Entry& entry) {
  thread_local const auto signal_of_this_thread = std::make_shared<Signal>();
  {
    const std::lock_guard guard(mutex_);
    if (!std::exchange(has_leader_, true)) return true;
    entry.signal = signal_of_this_thread;
    if (!entry.jobs.empty()) {
      waiting_.push_back(&entry);
    } else {
      waiting_.push_front(&entry);
    }
  }
  entry.signal->wait();
  return !entry.is_done;
}

CommitGroup::Batch CommitGroup::take_batch(Entry& first) {
  Batch batch{&first};
  auto jobs = first.jobs.size();
  const std::lock_guard guard(mutex_);
  while (!waiting_.empty() && !waiting_.front()->jobs.empty() && jobs < batch_limit) {
    batch.push_back(waiting_.front());
    jobs += waiting_.front()->jobs.size();
    waiting_.pop_front();
  }
  return batch;
}

void CommitGroup::hand_over_leadership() {
  std::shared_ptr<Signal> next;
  {
    const std::lock_guard guard(mutex_);
    has_leader_ = !waiting_.empty();
    if (!has_leader_) return;
    next = waiting_.front()->signal;
    waiting_.pop_front();
  }
  next->give();
}

void CommitGroup::execute(const Batch& batch) noexcept {
  std::vector<Job*> jobs;
  for (const auto* entry : batch) {
    for (auto& job : entry->jobs) jobs.push_back(&job);
  }
  executor_->execute(jobs);
  std::vector<StoreChange> changes;
  for (auto* job : jobs) {
    if (!job->failure) std::ranges::move(job->changes, std::back_inserter(changes));
  }
  if (!changes.empty()) committed_(std::move(changes));
}

}  // namespace postern::store
