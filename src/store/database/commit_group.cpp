#include "store/database/commit_group.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>

#include "mapi/error.h"

namespace postern::store {
namespace {

constexpr std::size_t batch_limit = 256;

using Clock = std::chrono::steady_clock;
/// A caller whose own work is done leads the next batches for so long at most.
constexpr std::chrono::milliseconds longest_lead{10};

}  // namespace

void fail_all(std::span<Job*> batch) noexcept {
  const auto failure = mapi::as_failure(std::current_exception());
  for (auto* job : batch) {
    job->failure =
        std::make_exception_ptr(mapi::Failure(failure.code(), std::string(failure.what())));
  }
}

Job* Batch::next() {
  const std::lock_guard guard(mutex_);
  if (begun_ < jobs_.size()) return jobs_[begun_++];
  is_closed_ = true;
  return nullptr;
}

std::span<Job*> Batch::all() {
  const std::lock_guard guard(mutex_);
  is_closed_ = true;
  return jobs_;
}

bool Batch::add(std::span<Job> jobs) {
  const std::lock_guard guard(mutex_);
  if (is_closed_) return false;
  std::ranges::transform(jobs, std::back_inserter(jobs_), [](Job& job) { return &job; });
  is_closed_ = jobs_.size() >= batch_limit;
  return true;
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
  const auto [round, is_first] = join(jobs);
  if (!is_first) return round->is_done.wait();
  round->may_begin.wait();
  if (!round->is_carried_out) lead(round);
}

/// Goes on for a while with what has gathered: until another thread has woken to do it, nothing
/// would be carried out.
void CommitGroup::lead(const std::shared_ptr<Round>& own) {
  std::optional<Clock::time_point> until;
  for (auto round = own; round;) {
    execute(*round);
    executor_->tidy();
    round->is_carried_out = true;
    const auto now = Clock::now();
    if (!until) until = now + longest_lead;
    const auto done = std::exchange(round, end(now < *until));
    if (done != own) done->may_begin.count_down();
    done->is_done.count_down();
  }
}

std::int64_t CommitGroup::foreign_version() {
  const auto round = std::make_shared<Round>();
  round->has_jobs = false;
  {
    const std::lock_guard guard(mutex_);
    add(rounds_.empty() ? rounds_.end() : std::next(rounds_.begin()), round);
  }
  round->may_begin.wait();
  try {
    const auto version = executor_->foreign_version();
    end(false);
    return version;
  } catch (...) {
    end(false);
    throw;
  }
}

std::pair<std::shared_ptr<CommitGroup::Round>, bool> CommitGroup::join(std::span<Job> jobs) {
  const std::lock_guard guard(mutex_);
  if (!rounds_.empty() && rounds_.back()->has_jobs && rounds_.back()->batch.add(jobs)) {
    return {rounds_.back(), false};
  }
  const auto round = std::make_shared<Round>();
  round->batch.add(jobs);
  add(rounds_.end(), round);
  return {round, true};
}

void CommitGroup::add(Rounds::const_iterator before, const std::shared_ptr<Round>& round) {
  rounds_.insert(before, round);
  if (rounds_.size() == 1) round->may_begin.count_down();
}

std::shared_ptr<CommitGroup::Round> CommitGroup::end(bool goes_on) {
  const std::lock_guard guard(mutex_);
  rounds_.pop_front();
  if (rounds_.empty()) return nullptr;
  if (goes_on && rounds_.front()->has_jobs) return rounds_.front();
  rounds_.front()->may_begin.count_down();
  return nullptr;
}

void CommitGroup::execute(Round& round) noexcept {
  executor_->execute(round.batch);
  std::vector<StoreChange> changes;
  for (auto* job : round.batch.all()) {
    if (!job->failure) std::ranges::move(job->changes, std::back_inserter(changes));
  }
  if (!changes.empty()) committed_(std::move(changes));
}

}  // namespace postern::store
