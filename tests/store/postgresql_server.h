// The PostgreSQL server that tests/with-postgresql has started, and its one database.
#pragma once

#include <cstdlib>
#include <libpq-fe.h>
#include <memory>
#include <stdexcept>
#include <string>

#include "store/postgresql_store.h"

namespace postern::store::test {

/// Null where there is none.
inline const char* postgresql_url() {
  return std::getenv("POSTERN_TEST_POSTGRESQL");
}

/// Carries out statements, and returns the first value of the last one.
inline std::string in_postgresql(const std::string& sql) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(postgresql_url()),
                                                              PQfinish);
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()),
                                                              PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(PQerrorMessage(connection.get()));
  }
  return PQntuples(result.get()) == 0 ? std::string() : PQgetvalue(result.get(), 0, 0);
}

/// Whatever was in it is gone.
inline void make_empty_postgresql_store() {
  in_postgresql("SET client_min_messages = warning; DROP SCHEMA IF EXISTS postern CASCADE");
  migrate_postgresql_store(postgresql_url());
}

}  // namespace postern::store::test
