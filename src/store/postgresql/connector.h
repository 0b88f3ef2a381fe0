// How the connections of a process to one database are made: all wait for a database that is away,
// for as long as the process was told to. Threads: any.
#pragma once

#include <chrono>
#include <memory>

#include "store/postgresql/connection.h"
#include "store/postgresql/location.h"
#include "store/postgresql/numbers.h"

namespace postern::store {

class PostgresqlConnector {
 public:
  /// `patience`: for how long a database that cannot be used now is tried again.
  PostgresqlConnector(PostgresqlLocation location, std::chrono::milliseconds patience)
      : location_(std::move(location)), patience_(patience) {}

  /// Throws PostgresqlFailure.
  [[nodiscard]] std::unique_ptr<PostgresqlConnection> connect();
  /// One for who uses libpq himself.
  [[nodiscard]] ConnectionHandle connect_plainly() const;
  [[nodiscard]] std::unique_ptr<PostgresqlConnection> connect_before(
      std::chrono::steady_clock::time_point deadline);

  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const {
    return std::chrono::steady_clock::now() + patience_;
  }
  /// A connection was lost: another server may have taken over.
  void forget_numbers() { numbers_->forget(); }

  [[nodiscard]] const PostgresqlLocation& location() const { return location_; }

 private:
  PostgresqlLocation location_;
  std::chrono::milliseconds patience_;
  std::shared_ptr<Numbers> numbers_ = std::make_shared<Numbers>();
};

/// Whether the same may succeed in a while: the database is away, or has no room for one more.
[[nodiscard]] bool may_come_back(mapi::Code code);

}  // namespace postern::store
