// One connection to a PostgreSQL database. A connection is used by one thread at a time.
//
// Statements that give nothing are sent and not waited for; so their failure is thrown by the next
// call that gives a result, or by `commit`.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/database/connection.h"
#include "store/postgresql/location.h"
#include "store/postgresql/numbers.h"
#include "store/postgresql/pipeline.h"

namespace postern::store {

class PostgresqlConnection final : public Connection {
 public:
  /// Throws PostgresqlFailure, as everything here does.
  PostgresqlConnection(const PostgresqlLocation& location, std::shared_ptr<Numbers> numbers);
  PostgresqlConnection(const PostgresqlConnection&) = delete;
  PostgresqlConnection& operator=(const PostgresqlConnection&) = delete;
  ~PostgresqlConnection() override;

  std::int64_t last_message() override;
  void begin_snapshot() override;
  void end_snapshot() override;
  void roll_back() noexcept override;
  [[nodiscard]] bool is_lost() const noexcept override { return pipeline_.is_lost(); }

  /// Begins a transaction that sees one snapshot, and fails (is_conflict) if it writes a row that
  /// another has written since.
  void begin();
  /// Begins a transaction each of whose statements sees what is committed by then.
  void begin_committed();
  /// The same for who changes the tables: waits for others that do, and sees what they did.
  void begin_alone();
  /// Returns when it is durable.
  void commit();
  /// Statements without parameters or results, separated by semicolons; none of them has one in it.
  void execute(std::string_view script);
  /// Waits until all that was sent was carried out.
  void finish() { pipeline_.finish(); }
  /// Carries out a statement in a transaction of its own, for which nobody waits, nor for its disk.
  /// A failure is nobody's: what depends on it must not be lost with it.
  template <class... Arguments>
  void run_aside(std::string_view sql, const Arguments&... arguments) noexcept {
    try {
      run("BEGIN");
      run("SET LOCAL synchronous_commit = off");
      run(sql, arguments...);
      run("COMMIT");
      pipeline_.push();
    } catch (const std::exception&) {
      return;  // the connection is lost, which the next transaction finds out
    }
  }
  /// Whether anything was changed since `begin`, as far as the statements tell.
  [[nodiscard]] bool has_changed() const { return changes_ > changes_before_; }

 protected:
  std::unique_ptr<Statement> prepare(std::string_view sql) override;
  std::optional<std::int64_t> new_number(Numbered table) override;
  [[nodiscard]] std::int64_t last_number() const override { return 0; }

 private:
  void begin_with(std::string_view statement);

  Pipeline pipeline_;
  std::map<std::string_view, Pipeline::Prepared> prepared_;
  Pipeline::Prepared commit_{.name = "commit", .sql = "COMMIT"};
  std::shared_ptr<Numbers> numbers_;
  std::size_t changes_ = 0;         ///< statements that give no rows
  std::size_t changes_before_ = 0;  ///< the current transaction
  bool in_transaction_ = false;
};

}  // namespace postern::store
