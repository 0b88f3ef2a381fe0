#include "store/engine/shared_logon.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern::store {
namespace {

/// In so many looks it is found out that a session does not come back.
constexpr int looks = 5;

}  // namespace

SharedLogon::SharedLogon(std::shared_ptr<PostgresqlConnector> connector,
                         std::shared_ptr<PostgresqlSession> session, CommitGroup& commits,
                         std::chrono::milliseconds grace)
    : connector_(std::move(connector)),
      session_(std::move(session)),
      commits_(commits),
      connection_(connector_->connect()),
      grace_(grace) {
  commits_.commit([](Transaction& transaction) { remove_old_marks(transaction.connection); });
}

SharedLogon::~SharedLogon() {
  try {
    commits_.commit([this](Transaction& transaction) {
      release_all(transaction.connection, session_->number());
    });
    session_->notify();
  } catch (const std::exception&) {
    // Others take over what is left, because the session ends.
  }
}

/// With the connection for claims, on which each statement is a transaction of its own.
template <class Call>
auto SharedLogon::on_connection(const Call& call) {
  const std::lock_guard guard(connection_mutex_);
  if (!connection_ || connection_->is_lost()) connection_ = connector_->connect();
  return call(*connection_);
}

void SharedLogon::require_session() const {
  if (session_->holds_lock()) return;
  throw mapi::Failure(mapi::MAPI_E_NETWORK_ERROR,
                      "the spooler has lost its session with the store " +
                          connector_->location().name() + "; it goes on when it has one again");
}

std::vector<DueRow> SharedLogon::claim(mapi::FileTime now, std::size_t limit) {
  require_session();
  return on_connection([&](Connection& connection) {
    look_after_claims(connection);
    const auto session = session_->number();
    auto rows = claim_overdue(connection, session, now, std::max<std::size_t>(limit / 2, 1));
    remember_claims(rows);
    const auto claim_more = [&](auto claim) {
      if (rows.size() >= limit) return;
      const auto more = claim(limit - rows.size());
      remember_claims(more);
      std::ranges::copy(more, std::back_inserter(rows));
    };
    try {
      claim_more([&](std::size_t count) { return claim_ready(connection, session, count); });
      claim_more([&](std::size_t count) { return claim_overdue(connection, session, now, count); });
    } catch (const mapi::Failure&) {
      if (rows.empty())
        throw;  // else what is claimed must be known, and the next call fails as well
    }
    return rows;
  });
}

void SharedLogon::remember_claims(const std::vector<DueRow>& rows) {
  const std::lock_guard guard(mutex_);
  for (const auto& row : rows) locked_.try_emplace(row.message);
}

void SharedLogon::look_after_claims(Connection& connection) {
  if (Clock::now() < next_look_) return;
  next_look_ = Clock::now() + grace_ / looks;
  take_over_claims_of_the_dead(connection);
  drop_unknown_claims(connection);
}

/// A claim whose answer was lost with the connection is in the table, and nobody works on it.
void SharedLogon::drop_unknown_claims(Connection& connection) {
  for (const auto id : claims_of(connection, session_->number())) {
    if (!has_locked(id)) release_claim(connection, session_->number(), id);
  }
}

void SharedLogon::take_over_claims_of_the_dead(Connection& connection) {
  std::map<SessionNumber, Clock::time_point> dead;
  for (const auto session : claimants(connection)) {
    if (session == session_->number() || PostgresqlSession::is_alive(connection, session)) continue;
    const auto known = dead_since_.find(session);
    const auto since = known == dead_since_.end() ? Clock::now() : known->second;
    if (Clock::now() - since < grace_) {
      dead.emplace(session, since);
    } else {
      release_all(connection, session);
    }
  }
  dead_since_ = std::move(dead);
}

std::optional<mapi::FileTime> SharedLogon::next_due() {
  require_session();
  return on_connection([](Connection& connection) { return next_unclaimed_due(connection); });
}

SharedLogon::Locked SharedLogon::lock(MessageId id) {
  require_session();
  if (has_locked(id)) return Locked::before;
  return on_connection([&](Connection& connection) {
    look_after_claims(connection);
    if (!claim_message(connection, session_->number(), id)) {
      return has_locked(id) ? Locked::before : Locked::no;
    }
    remember_claims({{.message = id, .submit_flags = 0}});
    return Locked::now;
  });
}

void SharedLogon::unlock(MessageId id) {
  if (!has_locked(id)) return;
  on_connection([&](PostgresqlConnection& connection) {
    release_claim(connection, session_->number(), id);
    connection.finish();
    return true;
  });
  forget(id);
}

void SharedLogon::hold(Connection& connection, MessageId id, std::optional<mapi::FileTime> until) {
  require_claim(connection, id);
  store::hold(connection, id, until);
  if (!until) set_holder(connection, session_->number(), id);
  release_claim(connection, session_->number(), id);
}

void SharedLogon::forget(MessageId id) {
  const std::lock_guard guard(mutex_);
  locked_.erase(id);
}

void SharedLogon::commit(MessageId id, const Work& work) {
  commits_.commit([&](Transaction& transaction) {
    require_claim(transaction.connection, id);
    work(transaction);
  });
}

void SharedLogon::require_claim(Connection& connection, MessageId id) {
  if (keep_claim(connection, session_->number(), id)) return;
  forget(id);
  throw mapi::Failure(mapi::MAPI_E_OBJECT_CHANGED,
                      "message " + std::to_string(id) + " of " + connector_->location().name() +
                          " was left to other spoolers, because this one's session with the "
                          "database was away for too long; what was not recorded by then may be "
                          "sent again");
}

}  // namespace postern::store
