#include "store/sqlite/batch_executor.h"

#include <exception>

namespace postern::store {

SqliteBatchExecutor::SqliteBatchExecutor(const std::filesystem::path& path)
    : connection_(open_connection(path, SqliteConnection::Use::write)) {}

/// Hardly any work fails, so that savepoints for each are made only when one has.
void SqliteBatchExecutor::execute(Batch& batch) noexcept {
  if (!begin(batch) || execute_bare(batch)) return;
  if (batch.all().size() > 1 && (!begin(batch) || execute_in_savepoints(batch))) return;
  for (auto* job : batch.all()) execute_alone(*job);
}

/// Returns false if that failed, and so has all work.
bool SqliteBatchExecutor::begin(Batch& batch) noexcept {
  try {
    connection_->run("BEGIN IMMEDIATE");
    return true;
  } catch (...) {
    fail_all(batch.all());
    return false;
  }
}

bool SqliteBatchExecutor::execute_bare(Batch& batch) {
  return commit([&] {
    while (auto* job = batch.next()) {
      Transaction transaction{*connection_, job->changes};
      (*job->work)(transaction);
    }
  });
}

bool SqliteBatchExecutor::execute_in_savepoints(Batch& batch) {
  return commit([&] {
    for (auto* job : batch.all()) execute_in_savepoint(*job);
  });
}

/// Returns false if the common transaction could not be committed: it was rolled back then.
bool SqliteBatchExecutor::commit(const std::function<void()>& execute_all) {
  try {
    execute_all();
    connection_->run("COMMIT");
    return true;
  } catch (...) {
    connection_->roll_back();
    return false;
  }
}

void SqliteBatchExecutor::execute_in_savepoint(Job& job) {
  job.changes.clear();
  Transaction transaction{*connection_, job.changes};
  connection_->run("SAVEPOINT work");
  try {
    (*job.work)(transaction);
  } catch (...) {
    job.failure = std::current_exception();
    if (!connection_->in_transaction()) throw;  // the error has ended the common one
    connection_->run("ROLLBACK TO work");
  }
  connection_->run("RELEASE work");
}

void SqliteBatchExecutor::execute_alone(Job& job) {
  job.failure = nullptr;
  job.changes.clear();
  Transaction transaction{*connection_, job.changes};
  try {
    connection_->run("BEGIN IMMEDIATE");
    (*job.work)(transaction);
    connection_->run("COMMIT");
  } catch (...) {
    job.failure = std::current_exception();
    connection_->roll_back();
  }
}

}  // namespace postern::store
