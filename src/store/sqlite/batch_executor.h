// Batches of work in SQLite: one transaction for all. If one fails, all are carried out again, each
// in a savepoint, so that it does not affect the others. If the common commit fails (a full disk),
// each is tried once more in a transaction of its own, so that only the work that does not fit is
// refused.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "store/database/commit_group.h"
#include "store/sqlite/connection.h"

namespace postern::store {

class SqliteBatchExecutor final : public BatchExecutor {
 public:
  explicit SqliteBatchExecutor(const std::filesystem::path& path);

  void execute(Batch& batch) noexcept override;
  void tidy() noexcept override { connection_->checkpoint_if_due(); }
  std::int64_t foreign_version() override { return connection_->integer("PRAGMA data_version"); }

 private:
  bool begin(Batch& batch) noexcept;
  bool execute_bare(Batch& batch);
  bool execute_in_savepoints(Batch& batch);
  bool commit(const std::function<void()>& execute_all);
  void execute_in_savepoint(Job& job);
  void execute_alone(Job& job);

  std::unique_ptr<SqliteConnection> connection_;
};

}  // namespace postern::store
