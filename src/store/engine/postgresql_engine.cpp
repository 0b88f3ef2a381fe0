#include "store/engine/postgresql_engine.h"

#include <algorithm>
#include <map>
#include <thread>
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
    const std::unique_lock lock(session_mutex_, std::try_to_lock);
    if (!lock || !session_) return false;  // a session that is being made is not waited for
    session_->notify();
    return true;
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
  const auto own = session();
  const std::lock_guard lock(session_mutex_);
  if (spooler_.lock()) {
    throw mapi::Failure(mapi::MAPI_E_BUSY,
                        "the spooler of " + name() +
                            " runs already in this process; others may be logged "
                            "on from processes of their own");
  }
  const auto mark = std::make_shared<const char>();
  spooler_ = mark;
  return std::make_unique<SharedLogon>(connector_, own, origin_, commits, grace_, mark);
}

bool PostgresqlEngine::is_locked(Connection& connection, MessageId id) const {
  const auto owner = claimed_by(connection, id);
  return owner && PostgresqlSession::is_alive(connection, *owner);
}

void PostgresqlEngine::mark_locked(Connection& connection, std::span<QueueRow> rows) const {
  if (rows.empty()) return;
  const auto [first, last] = std::ranges::minmax_element(rows, {}, &QueueRow::message);
  const auto owners = claims(connection, first->message, last->message);
  std::map<SessionNumber, bool> alive;
  for (auto& found : rows) {
    const auto owner = owners.find(found.message);
    if (owner == owners.end()) continue;
    const auto [session, is_new] = alive.try_emplace(owner->second);
    if (is_new) session->second = PostgresqlSession::is_alive(connection, owner->second);
    if (session->second) found.row.submit_flags |= mapi::SUBMITFLAG_LOCKED;
  }
}

/// One that was cut off may come back while its grace lasts.
bool PostgresqlEngine::has_live_owner(MessageId id) const {
  const auto end = std::chrono::steady_clock::now() + grace_;
  while (true) {
    const auto [owner, lives] = origin_.reads->read([id](Connection& connection) {
      const auto found = claimed_by(connection, id);
      return std::pair(found, found && PostgresqlSession::is_alive(connection, *found));
    });
    if (!owner || lives) return lives;
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(grace_ / 10);
  }
}

/// A spooler that claims the message meanwhile is in the way of the transaction, which is repeated
/// then and sees it.
bool PostgresqlEngine::commit_unless_locked(CommitGroup& commits, MessageId id, const Work& work) {
  if (has_live_owner(id)) return false;
  try {
    commits.commit([&](Transaction& transaction) {
      if (is_locked(transaction.connection, id)) {
        throw IsLocked(mapi::MAPI_E_UNABLE_TO_ABORT, "a spooler has it");
      }
      work(transaction);
    });
    return true;
  } catch (const IsLocked&) {
    return false;
  }
}

}  // namespace postern::store
