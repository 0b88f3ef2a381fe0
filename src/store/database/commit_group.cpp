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
  const auto [round, leads] = join(jobs);
  if (!leads) return round->is_done.wait();
  begin(*round);
  execute(*round);
  executor_->tidy();
  end();  // before those are woken that would take the processor from the next leader
  round->is_done.count_down();
}

std::int64_t CommitGroup::foreign_version() {
  const auto round = std::make_shared<Round>();
  round->is_closed = true;
  {
    const std::lock_guard guard(mutex_);
    add(rounds_.empty() ? rounds_.end() : std::next(rounds_.begin()), round);
  }
  begin(*round);
  try {
    const auto version = executor_->foreign_version();
    end();
    return version;
  } catch (...) {
    end();
    throw;
  }
}

std::pair<std::shared_ptr<CommitGroup::Round>, bool> CommitGroup::join(std::span<Job> jobs) {
  const std::lock_guard guard(mutex_);
  const bool leads = rounds_.empty() || rounds_.back()->is_closed;
  const auto round = leads ? std::make_shared<Round>() : rounds_.back();
  std::ranges::transform(jobs, std::back_inserter(round->jobs), [](Job& job) { return &job; });
  if (round->jobs.size() >= batch_limit) round->is_closed = true;
  if (leads) add(rounds_.end(), round);
  return {round, leads};
}

void CommitGroup::add(Rounds::const_iterator before, const std::shared_ptr<Round>& round) {
  rounds_.insert(before, round);
  if (rounds_.size() == 1) round->may_begin.count_down();
}

void CommitGroup::begin(Round& round) {
  round.may_begin.wait();
  const std::lock_guard guard(mutex_);
  round.is_closed = true;
}

void CommitGroup::end() {
  const std::lock_guard guard(mutex_);
  rounds_.pop_front();
  if (!rounds_.empty()) rounds_.front()->may_begin.count_down();
}

void CommitGroup::execute(Round& round) noexcept {
  executor_->execute(round.jobs);
  std::vector<StoreChange> changes;
  for (auto* job : round.jobs) {
    if (!job->failure) std::ranges::move(job->changes, std::back_inserter(changes));
  }
  if (!changes.empty()) committed_(std::move(changes));
}

}  // namespace postern::store
