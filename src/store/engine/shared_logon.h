// The logon of one of several spoolers to a store in a database.
//
// Its claims are rows (claim_table.h) that live as long as the database session of this process:
// when that has ended, other spoolers take them over after a while, long enough for a session that
// was cut off to come back. Each result is committed only if the claim is still there, so a spooler
// that was away for too long changes nothing that is somebody else's.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include "store/database/commit_group.h"
#include "store/engine/claim_table.h"
#include "store/engine/spooler_logon.h"
#include "store/postgresql/connector.h"
#include "store/postgresql/session.h"

namespace postern::store {

class SharedLogon final : public SpoolerLogon {
 public:
  /// Throws PostgresqlFailure.
  /// `mark`: lives as long as this object. `grace`: for so long a session whose connection has
  /// broken may come back to its claims.
  SharedLogon(std::shared_ptr<PostgresqlConnector> connector,
              std::shared_ptr<PostgresqlSession> session, ContentOrigin origin,
              CommitGroup& commits, std::chrono::milliseconds grace,
              std::shared_ptr<const char> mark);
  ~SharedLogon() override;

  std::vector<DueRow> claim(mapi::FileTime now, std::size_t limit) override;
  [[nodiscard]] std::optional<mapi::FileTime> next_due() override;
  [[nodiscard]] Locked lock(MessageId id) override;
  void unlock(MessageId id) override;
  void require_lock(Connection& connection, MessageId id) override;
  void keep_lock(Connection& connection, MessageId id) override;
  bool dequeue(Connection& connection, MessageId id) override;
  void hold(Connection& connection, MessageId id, std::optional<mapi::FileTime> until) override;
  void forget(MessageId id) override;
  std::vector<std::exception_ptr> commit_all(std::span<const Work> works) override {
    return commits_.commit_all(works);
  }
  [[nodiscard]] std::optional<LoadedMessage> take_read(MessageId id) override;

 private:
  using Clock = std::chrono::steady_clock;

  void require_session() const;
  struct Claim {
    ClaimNumber number = 0;
    Clock::time_point time;
  };
  [[nodiscard]] std::optional<Claim> claim_of(MessageId id) const;
  [[nodiscard]] mapi::Failure lost(MessageId id);
  [[nodiscard]] ClaimNumber require_claim(Connection& connection, MessageId id);
  bool remember(MessageId id, ClaimNumber claim);
  void read_claimed(Connection& connection, const std::vector<DueRow>& rows);
  void look_after_claims(Connection& connection);
  void take_over_claims_of_the_dead(Connection& connection);
  void drop_unknown_claims(Connection& connection);
  template <class Call>
  auto on_connection(const Call& call);

  std::shared_ptr<PostgresqlConnector> connector_;
  std::shared_ptr<PostgresqlSession> session_;
  const ContentOrigin origin_;
  CommitGroup& commits_;
  std::mutex connection_mutex_;  ///< is taken before `mutex_`
  std::unique_ptr<PostgresqlConnection> connection_;
  const std::chrono::milliseconds grace_;
  const std::shared_ptr<const char> mark_;
  Clock::time_point next_look_{};
  std::map<SessionNumber, Clock::time_point> dead_since_;
  std::map<MessageId, Claim> claims_;  ///< of `locked_`; guarded by `mutex_`
  std::atomic<bool> took_all_ = true;  ///< the last claim has found as many as it wanted
};

}  // namespace postern::store
