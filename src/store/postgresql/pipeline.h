// A connection of libpq in pipeline mode: statements are sent one after the other, and what becomes
// of them is read when a result is needed, so that a transaction takes few round trips.
//
// The first failure among statements that were sent is thrown by the next call that reads; those
// behind it had no effect. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <deque>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/postgresql/failure.h"
#include "store/postgresql/location.h"

namespace postern::store {

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ClearResult>;

/// Connects, and sets what every connection of a store needs. Throws PostgresqlFailure.
ConnectionHandle connect(const PostgresqlLocation& location);

/// Carries out statements on a connection that is not in pipeline mode, and returns the result of
/// the last. Throws PostgresqlFailure.
Result execute(PGconn* connection, const PostgresqlLocation& location, const std::string& sql);
/// What the server says of a statement that has failed.
PostgresqlFailure failure_of(const std::string& store_name, const PGresult& result);

class Pipeline {
 public:
  /// One value for a statement; `octets` null: NULL.
  struct Parameter {
    Oid type = 0;
    const char* octets = nullptr;
    int size = 0;
  };
  /// A statement that the server knows, or will know before its first use.
  struct Prepared {
    std::string name;
    std::string sql;
    bool is_known = false;
  };

  explicit Pipeline(const PostgresqlLocation& location);

  /// Sends a statement whose result is of no interest unless it fails.
  void send(Prepared& statement, std::span<const Parameter> parameters);
  /// Sends a statement and waits for its result.
  Result ask(Prepared& statement, std::span<const Parameter> parameters);
  /// Has the server carry out what was sent; waits for nothing.
  void push();
  /// Waits until all that was sent was carried out.
  void finish();
  /// The same, whatever has become of it.
  void discard() noexcept;

  [[nodiscard]] bool is_lost() const noexcept { return is_lost_; }

 private:
  /// What the server will answer.
  struct Expected {
    enum class Kind { preparation, statement, mark } kind = Kind::statement;
    Prepared* prepared = nullptr;
  };

  void queue(Prepared& statement, std::span<const Parameter> parameters);
  void mark();
  Result read_all();
  void note(const PGresult& result, const Expected& expected);
  void require_sent(int done);
  [[nodiscard]] PostgresqlFailure lost();

  std::string name_;
  ConnectionHandle connection_;
  std::deque<Expected> expected_;
  std::optional<PostgresqlFailure> failure_;  ///< the first, not yet thrown
  bool is_lost_ = false;
};

}  // namespace postern::store
