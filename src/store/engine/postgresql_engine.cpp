#include "store/engine/postgresql_engine.h"

#include <algorithm>
#include <utility>

#include "mapi/property_tags.h"
#include "store/engine/claim_table.h"
#include "store/engine/postgresql_schema.h"
#include "store/engine/shared_logon.h"
#include "store/postgresql/batch_executor.h"

namespace postern::store {
namespace {

ContentOrigin origin_of(const std::shared_ptr<PostgresqlConnector>& connector) {
  auto reads = std::make_shared<ReadPool>([connector] { return connector->connect(); });
  return {reads->ask(require_postgresql_schema), reads};
}

/// A spooler has the message.
struct IsLocked : mapi::Failure {
  using mapi::Failure::Failure;
};

}  // namespace

PostgresqlEngine::PostgresqlEngine(PostgresqlLocation location, std::chrono::milliseconds patience,
                                   std::chrono::milliseconds grace)
    : connector_(std::make_shared<PostgresqlConnector>(std::move(location), patience)),
      origin_(origin_of(connector_)),
      grace_(grace) {}

PostgresqlEngine::~PostgresqlEngine() = default;

std::shared_ptr<PostgresqlSession> PostgresqlEngine::session() {
  const std::lock_guard lock(session_mutex_);
  if (!session_) {
    session_ = std::make_shared<PostgresqlSession>(connector_, [this] { changed(); });
  }
  return session_;
}

void PostgresqlEngine::changed() {
  const std::lock_guard lock(change_mutex_);
  if (on_change_) on_change_();
}

std::unique_ptr<BatchExecutor> PostgresqlEngine::make_executor() {
  return std::make_unique<PostgresqlBatchExecutor>(connector_, [this] {
    const std::lock_guard lock(session_mutex_);
    if (session_) session_->notify();
    return session_ != nullptr;
  });
}

void PostgresqlEngine::on_foreign_change(std::function<void()> changed) {
  const bool is_wanted = changed != nullptr;
  {
    const std::lock_guard lock(change_mutex_);
    on_change_ = std::move(changed);
  }
  if (is_wanted) (void)session();
}

std::unique_ptr<SpoolerLogon> PostgresqlEngine::log_spooler_on(CommitGroup& commits) {
  return std::make_unique<SharedLogon>(connector_, session(), commits, grace_);
}

bool PostgresqlEngine::is_locked(Connection& connection, MessageId id) const {
  return claimed_by(connection, id).has_value();
}

void PostgresqlEngine::mark_locked(Connection& connection, std::span<QueueRow> rows) const {
  auto claimed = claimed_messages(connection);
  std::ranges::sort(claimed);
  for (auto& found : rows) {
    if (std::ranges::binary_search(claimed, found.message)) {
      found.row.submit_flags |= mapi::SUBMITFLAG_LOCKED;
    }
  }
}

/// A spooler that claims the message meanwhile is in the way of the transaction, which is repeated
/// then and sees it.
bool PostgresqlEngine::commit_unless_locked(CommitGroup& commits, MessageId id, const Work& work) {
  try {
    commits.commit([&](Transaction& transaction) {
      auto& connection = transaction.connection;
      const auto owner = claimed_by(connection, id);
      if (owner && PostgresqlSession::is_alive(connection, *owner)) {
        throw IsLocked(mapi::MAPI_E_UNABLE_TO_ABORT, "a spooler has it");
      }
      work(transaction);
    });
    return true;
  } catch (const IsLocked&) {
    return false;
  }
}

bool PostgresqlEngine::is_alive(Connection& connection, std::int64_t writer) {
  return PostgresqlSession::is_alive(connection, writer);
}

}  // namespace postern::store
