// A store in a PostgreSQL database, whose locks are those of sessions, and which several spoolers
// and many machines share.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "store/engine/engine.h"
#include "store/postgresql/connector.h"
#include "store/postgresql/session.h"

namespace postern::store {

class PostgresqlEngine final : public Engine {
 public:
  /// For so long the session of a spooler that has broken may come back to what it has locked,
  /// before others take it.
  static constexpr std::chrono::seconds usual_grace{10};

  /// Throws the failures of open_postgresql_store.
  PostgresqlEngine(PostgresqlLocation location, std::chrono::milliseconds patience,
                   std::chrono::milliseconds grace = usual_grace);
  ~PostgresqlEngine() override;

  [[nodiscard]] const std::string& name() const override { return connector_->location().name(); }
  [[nodiscard]] const ContentOrigin& origin() const override { return origin_; }
  [[nodiscard]] std::unique_ptr<BatchExecutor> make_executor() override;
  /// Who opens the store cannot know whether one that seems dead comes back; spoolers, which look
  /// longer, find out (shared_logon.h).
  void sweep(CommitGroup& /*commits*/) noexcept override {}
  void on_foreign_change(std::function<void()> changed) override;
  [[nodiscard]] std::unique_ptr<SpoolerLogon> log_spooler_on(CommitGroup& commits) override;
  [[nodiscard]] bool is_locked(Connection& connection, MessageId id) const override;
  void mark_locked(Connection& connection, std::span<QueueRow> rows) const override;
  [[nodiscard]] bool commit_unless_locked(CommitGroup& commits, MessageId id,
                                          const Work& work) override;

  [[nodiscard]] std::int64_t own_number() override { return session()->number(); }

 private:
  std::shared_ptr<PostgresqlSession> session();
  void changed();
  [[nodiscard]] bool has_live_owner(MessageId id) const;

  const std::shared_ptr<PostgresqlConnector> connector_;
  const ContentOrigin origin_;
  const std::chrono::milliseconds grace_;
  std::mutex change_mutex_;  ///< held while it is called
  std::function<void()> on_change_;
  std::mutex session_mutex_;
  std::shared_ptr<PostgresqlSession> session_;  ///< null until it is needed
  std::weak_ptr<const char> spooler_;           ///< lives as long as its logon
};

}  // namespace postern::store
