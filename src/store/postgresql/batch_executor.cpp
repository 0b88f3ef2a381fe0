#include "store/postgresql/batch_executor.h"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

namespace postern::store {
namespace {

/// Two that are in each other's way come past each other after a few attempts; more would hide that
/// something is wrong.
constexpr int conflict_attempts = 20;
constexpr std::chrono::milliseconds status_pause{100};

/// The commit was sent, and no answer can be had.
struct OutcomeUnknown : mapi::Failure {
  using mapi::Failure::Failure;
};

void pause_at_random(int attempt) {
  thread_local std::minstd_rand random(std::random_device{}());
  std::uniform_int_distribution<int> microseconds(0, 200 << std::min(attempt, 8));
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds(random)));
}

bool is_conflict(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const PostgresqlFailure& failure) {
    return failure.is_conflict();
  } catch (...) {
    return false;
  }
}

}  // namespace

PostgresqlBatchExecutor::PostgresqlBatchExecutor(std::shared_ptr<PostgresqlConnector> connector,
                                                 std::function<bool()> has_told)
    : connector_(std::move(connector)), has_told_(std::move(has_told)) {}

void PostgresqlBatchExecutor::execute(std::span<Job*> batch) noexcept {
  try {
    const auto deadline = connector_->deadline();
    ensure_connected(deadline);
    if (batch.size() == 1 || !execute_together(batch, deadline)) {
      for (auto* job : batch) execute_alone(*job, deadline);
    }
  } catch (...) {
    for (auto* job : batch) job->failure = std::current_exception();
    return;
  }
  const bool is_news = std::ranges::any_of(
      batch, [](const Job* job) { return !job->failure && !job->changes.empty(); });
  is_to_tell_ = is_news && !has_told_();
}

/// Nobody waits for it; who misses it looks by himself after a while.
void PostgresqlBatchExecutor::tidy() noexcept {
  if (!std::exchange(is_to_tell_, false)) return;
  try {
    connection_->run("BEGIN");
    connection_->run("SET LOCAL synchronous_commit = off");
    connection_->run("NOTIFY postern");
    connection_->run("COMMIT");
    connection_->push();
  } catch (const std::exception&) {
    return;  // the connection is lost, which the next batch finds out
  }
}

/// What others write is told by the session (session.h).
std::int64_t PostgresqlBatchExecutor::foreign_version() {
  return 0;
}

void PostgresqlBatchExecutor::ensure_connected(Deadline deadline) {
  if (connection_ && !connection_->is_lost()) return;
  connection_.reset();
  connection_ = connector_->connect_before(deadline);
}

/// Returns false if that failed: then nothing was done.
bool PostgresqlBatchExecutor::execute_together(std::span<Job*> batch, Deadline deadline) {
  try {
    connection_->begin();
    for (auto* job : batch) {
      Transaction transaction{*connection_, job->changes};
      (*job->work)(transaction);
    }
    commit(deadline);
    return true;
  } catch (const OutcomeUnknown&) {
    throw;
  } catch (...) {
    if (connection_) connection_->roll_back();
    return false;
  }
}

void PostgresqlBatchExecutor::execute_alone(Job& job, Deadline deadline) {
  for (int attempts = 0;; ++attempts) {
    job.failure = nullptr;
    job.changes.clear();
    try {
      ensure_connected(deadline);
      attempt(job, deadline);
      return;
    } catch (...) {
      job.failure = std::current_exception();
    }
    if (connection_) connection_->roll_back();
    if (attempts == conflict_attempts || !is_conflict(job.failure)) return;
    pause_at_random(attempts);
  }
}

/// A connection that is lost before the commit is one more reason to begin again.
void PostgresqlBatchExecutor::attempt(Job& job, Deadline deadline) {
  Transaction transaction{*connection_, job.changes};
  try {
    connection_->begin();
    (*job.work)(transaction);
  } catch (const PostgresqlFailure& failure) {
    throw PostgresqlFailure(failure, failure.is_conflict() || connection_->is_lost());
  }
  commit(deadline);
}

void PostgresqlBatchExecutor::commit(Deadline deadline) {
  const auto transaction_id = connection_->transaction_id();
  try {
    connection_->commit();
  } catch (const PostgresqlFailure& failure) {
    if (!connection_->is_lost()) throw;
    resolve(transaction_id, failure, deadline);
  }
}

/// Returns if the transaction was committed.
void PostgresqlBatchExecutor::resolve(const std::string& transaction_id, const mapi::Failure& lost,
                                      Deadline deadline) {
  using Status = PostgresqlConnection::Status;
  auto status = Status::running;
  try {
    while (status == Status::running) {
      ensure_connected(deadline);
      status = connection_->status_of(transaction_id);
      if (status != Status::running) break;
      if (std::chrono::steady_clock::now() > deadline) break;
      std::this_thread::sleep_for(status_pause);
    }
  } catch (const PostgresqlFailure&) {
    status = Status::unknown;
  }
  if (status == Status::committed) return;
  if (status == Status::aborted) throw PostgresqlFailure(lost, true);
  throw OutcomeUnknown(
      lost.code(), std::string(lost.what()) + "; whether the last change was made is not known");
}

}  // namespace postern::store
