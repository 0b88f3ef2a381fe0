// A store in one SQLite file, whose locks are the kernel's.
#pragma once

#include <filesystem>

#include "store/engine/engine.h"
#include "store/sqlite/lock_file.h"

namespace postern::store {

class SqliteEngine final : public Engine {
 public:
  /// Throws the failures of open_sqlite_store.
  explicit SqliteEngine(const std::filesystem::path& path);

  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] const ContentOrigin& origin() const override { return origin_; }
  [[nodiscard]] std::unique_ptr<BatchExecutor> make_executor() override;
  void sweep(CommitGroup& commits) noexcept override;
  void on_foreign_change(std::function<void()> changed) override;
  [[nodiscard]] std::unique_ptr<SpoolerLogon> log_spooler_on(CommitGroup& commits) override;
  [[nodiscard]] bool is_locked(Connection& connection, MessageId id) const override;
  void mark_locked(Connection& connection, std::span<QueueRow> rows) const override;
  [[nodiscard]] bool commit_unless_locked(CommitGroup& commits, MessageId id,
                                          const Work& work) override;

  [[nodiscard]] std::int64_t own_number() override { return writer_; }

 private:
  const std::filesystem::path path_;
  const std::string name_;
  const ContentOrigin origin_;
  LockFile locks_;       ///< the holder of `writer_`; looks at the locks of others
  std::int64_t writer_;  ///< a number that no other live process has
};

}  // namespace postern::store
