// Batches of work in PostgreSQL: one transaction for all, in one snapshot. If a part of it fails,
// all is rolled back and each work has a transaction of its own, which is repeated while others are
// in its way.
//
// A connection that breaks before the commit was sent leaves nothing: the work is done again on a
// new one. One that breaks after it leaves a question, which the database answers when it is back
// (pg_xact_status): so a submission is neither lost nor doubled by a failover. Only where that
// answer cannot be had in time the caller is told that it is unknown.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "store/database/commit_group.h"
#include "store/postgresql/connector.h"

namespace postern::store {

class PostgresqlBatchExecutor final : public BatchExecutor {
 public:
  /// `has_told`: is called after each durable batch that observers are told of, and returns whether
  /// others will be told of it; else they are told through the executor's own connection.
  PostgresqlBatchExecutor(std::shared_ptr<PostgresqlConnector> connector,
                          std::function<bool()> has_told);

  void execute(std::span<Job*> batch) noexcept override;
  void tidy() noexcept override;
  std::int64_t foreign_version() override;

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  void ensure_connected(Deadline deadline);
  bool execute_together(std::span<Job*> batch, Deadline deadline);
  void execute_alone(Job& job, Deadline deadline);
  void attempt(Job& job, Deadline deadline);
  void commit(Deadline deadline);
  void resolve(const std::string& transaction_id, const mapi::Failure& lost, Deadline deadline);

  std::shared_ptr<PostgresqlConnector> connector_;
  std::function<bool()> has_told_;
  std::unique_ptr<PostgresqlConnection> connection_;
  bool is_to_tell_ = false;
};

}  // namespace postern::store
