// Batches of work in PostgreSQL: one transaction for all, in one snapshot. If a part of it fails,
// all is rolled back and each work has a transaction of its own, which is repeated while others are
// in its way.
//
// A connection that breaks before the commit was sent leaves nothing: the work is done again on a
// new one. One that breaks after it leaves a question, which the database answers when it is back:
// each transaction writes its number into a row of its executor (commit_mark), which has it if and
// only if the transaction is there, on whatever server. So a submission is neither lost nor doubled
// by a failover. Only where that answer cannot be had in time the caller is told that it is
// unknown.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "store/database/commit_group.h"
#include "store/postgresql/connector.h"

namespace postern::store {

class PostgresqlBatchExecutor final : public BatchExecutor {
 public:
  /// `has_told`: is called after each durable batch that observers are told of, and returns whether
  /// others will be told of it; else they are told through the executor's own connection.
  PostgresqlBatchExecutor(std::shared_ptr<PostgresqlConnector> connector,
                          std::function<bool()> has_told);
  PostgresqlBatchExecutor(const PostgresqlBatchExecutor&) = delete;
  PostgresqlBatchExecutor& operator=(const PostgresqlBatchExecutor&) = delete;
  ~PostgresqlBatchExecutor() override;  ///< removes the row

  void execute(Batch& batch) noexcept override;
  void tidy() noexcept override;
  std::int64_t foreign_version() override;

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  void ensure_connected(Deadline deadline);
  bool execute_together(std::span<Job*> jobs, Deadline deadline);
  void execute_alone(Job& job, Deadline deadline);
  void attempt(Job& job, Deadline deadline);
  void mark();
  void commit(Deadline deadline);
  std::int64_t marked();
  void resolve(const mapi::Failure& lost, Deadline deadline);

  std::shared_ptr<PostgresqlConnector> connector_;
  std::function<bool()> has_told_;
  std::unique_ptr<PostgresqlConnection> connection_;
  bool is_to_tell_ = false;
  std::int64_t writer_;           ///< of its row; at random
  std::int64_t transaction_ = 0;  ///< the number of the last one
  bool is_marked_ = false;        ///< the current one has written its number
};

}  // namespace postern::store
