#include "store/postgresql/batch_executor.h"

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>

namespace postern::store {
namespace {

/// Two that are in each other's way come past each other after a few attempts; more would hide that
/// something is wrong.
constexpr int conflict_attempts = 20;
constexpr std::chrono::milliseconds between_questions{100};
constexpr std::chrono::seconds patience_in_doubt{30};

/// The commit was sent, and no answer can be had.
struct OutcomeUnknown : mapi::Failure {
  using mapi::Failure::Failure;
};

std::int64_t random_number() {
  std::random_device random;
  const auto bits = static_cast<std::uint64_t>(random()) << 32 | random();
  return static_cast<std::int64_t>(bits >> 1);
}

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
    : connector_(std::move(connector)), has_told_(std::move(has_told)), writer_(random_number()) {}

PostgresqlBatchExecutor::~PostgresqlBatchExecutor() {
  if (!connection_ || connection_->is_lost() || transaction_ == 0) return;
  // What is left over a spooler removes in time.
  connection_->run_aside("DELETE FROM commit_mark WHERE writer = ?", writer_);
}

/// None may join once the transaction has begun: it would not see what others have committed since.
void PostgresqlBatchExecutor::execute(Batch& batch) noexcept {
  const auto jobs = batch.all();
  try {
    const auto deadline = connector_->deadline();
    ensure_connected(deadline);
    if (jobs.size() == 1 || !execute_together(jobs, deadline)) {
      for (auto* job : jobs) execute_alone(*job, deadline);
    }
  } catch (...) {
    fail_all(jobs);
    return;
  }
  const bool is_news = std::ranges::any_of(
      jobs, [](const Job* job) { return !job->failure && !job->changes.empty(); });
  is_to_tell_ = is_news && !has_told_();
}

/// Nobody waits for it; who misses it looks by himself after a while.
void PostgresqlBatchExecutor::tidy() noexcept {
  if (std::exchange(is_to_tell_, false)) connection_->run_aside("NOTIFY postern");
}

/// What others write is told by the session (session.h).
std::int64_t PostgresqlBatchExecutor::foreign_version() {
  return 0;
}

void PostgresqlBatchExecutor::ensure_connected(Deadline deadline) {
  if (connection_ && !connection_->is_lost()) return;
  connection_.reset();
  connector_->forget_numbers();
  connection_ = connector_->connect_before(deadline);
}

/// Returns false if that failed: then nothing was done.
bool PostgresqlBatchExecutor::execute_together(std::span<Job*> jobs, Deadline deadline) {
  try {
    connection_->begin();
    for (auto* job : jobs) {
      Transaction transaction{*connection_, job->changes};
      (*job->work)(transaction);
    }
    mark();
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
    mark();
  } catch (const PostgresqlFailure& failure) {
    throw PostgresqlFailure(failure, failure.is_conflict() || connection_->is_lost());
  }
  commit(deadline);
}

void PostgresqlBatchExecutor::mark() {
  is_marked_ = connection_->has_changed();
  if (!is_marked_) return;
  connection_->run(
      "INSERT INTO commit_mark (writer, number) VALUES (?, ?)"
      " ON CONFLICT (writer) DO UPDATE SET used = now(), number ="
      " CASE WHEN commit_mark.number < excluded.number THEN excluded.number END",
      writer_, ++transaction_);
}

void PostgresqlBatchExecutor::commit(Deadline deadline) {
  try {
    connection_->commit();
  } catch (const PostgresqlFailure& failure) {
    if (!connection_->is_lost()) throw;
    if (!is_marked_) throw PostgresqlFailure(failure, true);
    resolve(failure, deadline);
  }
}

/// The number in the row. The question waits for a server on which the commit is still under way.
/// If it finds another number, it writes a higher one: a server that has the transaction still
/// before it, in a buffer say, finds its own too low then, and gives it up (a column that must not
/// be null).
std::int64_t PostgresqlBatchExecutor::marked() {
  connection_->begin_committed();
  connection_->run(
      "INSERT INTO commit_mark (writer, number) VALUES (?, 0) ON CONFLICT (writer) DO NOTHING",
      writer_);
  std::int64_t found = 0;
  {
    auto row =
        connection_->query("SELECT number FROM commit_mark WHERE writer = ? FOR UPDATE", writer_);
    if (row.next()) found = row.integer(0);
  }
  if (found != transaction_) {
    connection_->run("UPDATE commit_mark SET number = ?, used = now() WHERE writer = ?",
                     transaction_ + 1, writer_);
  }
  connection_->commit();
  return found;
}

/// Returns if the transaction was committed. Who is not patient otherwise is so here: what he does
/// not know he can only do again, perhaps for a second time.
void PostgresqlBatchExecutor::resolve(const mapi::Failure& lost, Deadline deadline) {
  deadline = std::max(deadline, std::chrono::steady_clock::now() + patience_in_doubt);
  std::optional<std::int64_t> found;
  while (!found) {
    try {
      ensure_connected(deadline);
      found = marked();
    } catch (const PostgresqlFailure&) {
      if (std::chrono::steady_clock::now() > deadline) break;
      std::this_thread::sleep_for(between_questions);
    }
  }
  if (!found) {
    throw OutcomeUnknown(
        lost.code(), std::string(lost.what()) + "; whether the last change was made is not known");
  }
  const auto asked = transaction_++;
  if (*found != asked) throw PostgresqlFailure(lost, true);
}

}  // namespace postern::store
