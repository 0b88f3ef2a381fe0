// What PostgreSQL's errors mean to the caller of the store.
#pragma once

#include <string>
#include <string_view>

#include "mapi/error.h"

namespace postern::store {

/// A statement or a connection that failed.
class PostgresqlFailure : public mapi::Failure {
 public:
  PostgresqlFailure(const mapi::Failure& failure, bool is_conflict)
      : mapi::Failure(failure), is_conflict_(is_conflict) {}
  /// Another transaction was in the way: this one is worth repeating at once.
  [[nodiscard]] bool is_conflict() const { return is_conflict_; }

 private:
  bool is_conflict_;
};

/// `sqlstate`: five characters, empty if there is none, as when the connection has broken. `text`:
/// what the server or libpq said.
PostgresqlFailure postgresql_failure(const std::string& store_name, std::string_view sqlstate,
                                     std::string_view text);

/// The SQLSTATE in a verbose message of libpq, "FATAL:  53300: sorry, …"; the last one, empty if
/// there is none.
std::string sqlstate_in(std::string_view message);

}  // namespace postern::store
