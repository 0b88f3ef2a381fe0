#include "store/engine/shared_logon.h"

#include <algorithm>
#include <utility>

namespace postern::store {
namespace {

/// In so many looks it is found out that a session does not come back.
constexpr int looks = 5;
constexpr std::chrono::milliseconds between_looks_at_due{50};

}  // namespace

SharedLogon::SharedLogon(std::shared_ptr<PostgresqlConnector> connector,
                         std::shared_ptr<PostgresqlSession> session, ContentOrigin origin,
                         CommitGroup& commits, std::chrono::milliseconds grace,
                         std::shared_ptr<const char> mark)
    : connector_(std::move(connector)),
      session_(std::move(session)),
      origin_(std::move(origin)),
      commits_(commits),
      connection_(connector_->connect()),
      grace_(grace),
      mark_(std::move(mark)) {
  commits_.commit([](Transaction& transaction) { remove_old_marks(transaction.connection); });
  sweep_garbage(commits_);
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

/// A message that this logon has already may be among what it finds: its claim was lost, and nobody
/// has taken it yet. Who works on it will find that out; then it is claimed anew.
std::vector<DueRow> SharedLogon::claim(mapi::FileTime now, std::size_t limit) {
  require_session();
  return on_connection([&](Connection& connection) {
    look_after_claims(connection);
    const auto session = session_->number();
    std::vector<DueRow> rows;
    const auto take = [&](const std::vector<ClaimedRow>& claimed) {
      for (const auto& [row, claim] : claimed) {
        if (remember(row.message, claim)) rows.push_back(row);
      }
    };
    const auto share = std::max<std::size_t>(limit / 2, 1);
    try {
      const auto overdue = claim_overdue(connection, session, now, share);
      take(overdue);
      if (rows.size() < limit) take(claim_ready(connection, session, limit - rows.size()));
      const bool may_be_more_overdue = overdue.size() == share;
      if (rows.size() < limit && may_be_more_overdue) {
        take(claim_overdue(connection, session, now, limit - rows.size()));
      }
    } catch (const mapi::Failure&) {
      // What is claimed must be known to who has claimed it; the next call fails as well.
      if (rows.empty()) throw;
    }
    took_all_ = rows.size() == limit;
    read_claimed(connection, rows);
    return rows;
  });
}

/// Returns false if the message is locked already.
bool SharedLogon::remember(MessageId id, ClaimNumber claim) {
  const std::lock_guard guard(mutex_);
  if (!locked_.insert(id).second) return false;
  claims_[id] = {claim, Clock::now()};
  return true;
}

/// What cannot be read now is read when it is opened.
void SharedLogon::read_claimed(Connection& connection, const std::vector<DueRow>& rows) {
  if (rows.empty()) return;
  std::map<MessageId, LoadedMessage> read;
  try {
    connection.begin_snapshot();
    read = load_small_messages(connection, origin_, messages_of(rows));
    connection.end_snapshot();
  } catch (const mapi::Failure&) {
    return connection.roll_back();
  }
  const std::lock_guard guard(mutex_);
  read_.merge(read);
}

/// Of a claim that could have been lost since, the message is read anew, and the claim looked at.
std::optional<LoadedMessage> SharedLogon::take_read(MessageId id) {
  auto read = SpoolerLogon::take_read(id);
  const auto claim = claim_of(id);
  const bool is_fresh = claim && Clock::now() - claim->time < grace_ / 2;
  return is_fresh ? std::move(read) : std::nullopt;
}

std::optional<SharedLogon::Claim> SharedLogon::claim_of(MessageId id) const {
  const std::lock_guard guard(mutex_);
  const auto found = claims_.find(id);
  return found == claims_.end() ? std::nullopt : std::optional(found->second);
}

void SharedLogon::look_after_claims(Connection& connection) {
  if (Clock::now() < next_look_) return;
  next_look_ = Clock::now() + grace_ / looks;
  take_over_claims_of_the_dead(connection);
  drop_unknown_claims(connection);
}

/// A claim whose answer was lost with the connection is in the table, and nobody works on it.
void SharedLogon::drop_unknown_claims(Connection& connection) {
  for (const auto& [id, claim] : claims_of(connection, session_->number())) {
    if (!has_locked(id)) release_claim(connection, claim, id);
  }
}

void SharedLogon::take_over_claims_of_the_dead(Connection& connection) {
  std::map<SessionNumber, Clock::time_point> dead;
  bool took_over = false;
  for (const auto session : claimants(connection)) {
    if (session == session_->number() || PostgresqlSession::is_alive(connection, session)) continue;
    const auto known = dead_since_.find(session);
    const auto since = known == dead_since_.end() ? Clock::now() : known->second;
    if (Clock::now() - since < grace_) {
      dead.emplace(session, since);
    } else {
      commits_.commit(
          [session](Transaction& transaction) { release_all(transaction.connection, session); });
      took_over = true;
    }
  }
  dead_since_ = std::move(dead);
  if (took_over) sweep_garbage(commits_);
}

/// What is due now and was not to be had a moment ago is held by somebody's transaction.
std::optional<mapi::FileTime> SharedLogon::next_due() {
  require_session();
  const auto due =
      on_connection([](Connection& connection) { return next_unclaimed_due(connection); });
  const auto soon = mapi::FileTime::now() + between_looks_at_due;
  return due && !took_all_ ? std::max(*due, soon) : due;
}

SharedLogon::Locked SharedLogon::lock(MessageId id) {
  require_session();
  if (has_locked(id)) return Locked::before;
  return on_connection([&](Connection& connection) {
    look_after_claims(connection);
    const auto claim = claim_message(connection, session_->number(), id);
    if (!claim) return has_locked(id) ? Locked::before : Locked::no;
    return remember(id, *claim) ? Locked::now : Locked::before;
  });
}

/// Forgotten first: what cannot be released now is released as a claim that nobody knows of.
void SharedLogon::unlock(MessageId id) {
  const auto claim = claim_of(id);
  if (!claim) return;
  forget(id);
  on_connection([&](PostgresqlConnection& connection) {
    release_claim(connection, claim->number, id);
    connection.finish();
    return true;
  });
}

void SharedLogon::require_lock(Connection& connection, MessageId id) {
  const auto claim = claim_of(id);
  if (claim && !has_claim(connection, claim->number, id)) throw lost(id);
}

void SharedLogon::keep_lock(Connection& connection, MessageId id) {
  (void)require_claim(connection, id);
}

bool SharedLogon::dequeue(Connection& connection, MessageId id) {
  const auto claim = claim_of(id);
  if (!claim || !dequeue_claimed(connection, claim->number, id)) throw lost(id);
  return true;
}

void SharedLogon::hold(Connection& connection, MessageId id, std::optional<mapi::FileTime> until) {
  const auto claim = require_claim(connection, id);
  store::hold(connection, id, until);
  if (!until) set_holder(connection, session_->number(), id);
  release_claim(connection, claim, id);
}

void SharedLogon::forget(MessageId id) {
  const std::lock_guard guard(mutex_);
  locked_.erase(id);
  claims_.erase(id);
  read_.erase(id);
}

ClaimNumber SharedLogon::require_claim(Connection& connection, MessageId id) {
  const auto claim = claim_of(id);
  if (!claim || !keep_claim(connection, claim->number, id)) throw lost(id);
  return claim->number;
}

mapi::Failure SharedLogon::lost(MessageId id) {
  forget(id);
  return {mapi::MAPI_E_OBJECT_CHANGED,
          "message " + std::to_string(id) + " of " + connector_->location().name() +
              " was left to other spoolers, because this one's session with the database was away "
              "for too long; what was not recorded by then may be sent again"};
}

}  // namespace postern::store
