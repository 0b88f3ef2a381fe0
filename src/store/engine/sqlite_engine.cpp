#include "store/engine/sqlite_engine.h"

#include <random>
#include <utility>

#include "mapi/property_tags.h"
#include "store/engine/file_logon.h"
#include "store/engine/sqlite_schema.h"
#include "store/sqlite/batch_executor.h"

namespace postern::store {
namespace {

std::int64_t lock_writer_number(LockFile& locks) {
  std::random_device random;
  while (true) {
    const auto number = 1 + (static_cast<std::int64_t>(random()) << 16 | (random() & 0xFFFF));
    if (locks.try_lock(writer_lock_byte(number), LockKind::exclusive)) return number;
  }
}

std::shared_ptr<ReadPool> readers(const std::filesystem::path& path) {
  return std::make_shared<ReadPool>(
      [path] { return open_connection(path, SqliteConnection::Use::read); });
}

}  // namespace

SqliteEngine::SqliteEngine(const std::filesystem::path& path)
    : path_(make_store_file(path)),
      name_("'" + path_.string() + "'"),
      origin_{open_store_file(path_), readers(path_)},
      locks_(path_),
      writer_(lock_writer_number(locks_)) {}

std::unique_ptr<BatchExecutor> SqliteEngine::make_executor() {
  return std::make_unique<SqliteBatchExecutor>(path_);
}

void SqliteEngine::sweep(CommitGroup& commits) noexcept {
  sweep_contents(commits, [this](std::int64_t writer) {
    return writer == writer_ ||
           locks_.is_held_against(writer_lock_byte(writer), LockKind::exclusive);
  });
}

void SqliteEngine::on_foreign_change(std::function<void()> /*changed*/) {}

std::unique_ptr<SpoolerLogon> SqliteEngine::log_spooler_on(CommitGroup& commits) {
  return std::make_unique<FileLogon>(path_, origin_, commits);
}

bool SqliteEngine::is_locked(Connection& /*connection*/, MessageId id) const {
  return locks_.is_held_against(message_lock_byte(id), LockKind::shared);
}

void SqliteEngine::mark_locked(Connection& connection, std::span<QueueRow> rows) const {
  for (auto& found : rows) {
    if (is_locked(connection, found.message)) found.row.submit_flags |= mapi::SUBMITFLAG_LOCKED;
  }
}

bool SqliteEngine::commit_unless_locked(CommitGroup& commits, MessageId id, const Work& work) {
  const SpoolerExclusion until_committed(path_, id);
  if (!until_committed.succeeded()) return false;
  commits.commit(work);
  return true;
}

}  // namespace postern::store
