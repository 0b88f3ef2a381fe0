#include "store/sqlite/batch_executor.h"

#include <exception>

namespace postern::store {
namespace {

/// The common transaction is gone because of an error inside one work.
struct TransactionLost {};

}  // namespace

SqliteBatchExecutor::SqliteBatchExecutor(const std::filesystem::path& path)
    : connection_(open_connection(path, SqliteConnection::Use::write)) {}

/// Hardly any work fails, so that savepoints for each are made only when one has.
void SqliteBatchExecutor::execute(std::span<Job*> batch) noexcept {
  if (batch.size() > 1 && (execute_together(batch, &SqliteBatchExecutor::execute_bare) ||
                           execute_together(batch, &SqliteBatchExecutor::execute_in_savepoint))) {
    return;
  }
  for (auto* job : batch) execute_alone(*job);
}

/// Returns false if the common transaction could not be committed: it was rolled back then.
bool SqliteBatchExecutor::execute_together(std::span<Job*> batch,
                                           void (SqliteBatchExecutor::*execute_one)(Job&)) {
  try {
    connection_->run("BEGIN IMMEDIATE");
  } catch (...) {
    fail_all(batch);
    return true;
  }
  try {
    for (auto* job : batch) (this->*execute_one)(*job);
    connection_->run("COMMIT");
    return true;
  } catch (const TransactionLost&) {
  } catch (const mapi::Failure&) {
  }
  connection_->roll_back();
  return false;
}

void SqliteBatchExecutor::execute_bare(Job& job) {
  job.changes.clear();
  Transaction transaction{*connection_, job.changes};
  try {
    (*job.work)(transaction);
  } catch (...) {
    throw TransactionLost{};
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
    if (!connection_->in_transaction()) throw TransactionLost{};
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
