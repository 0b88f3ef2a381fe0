#include <array>
#include <chrono>
#include <poll.h>

#include "store/postgresql/pipeline.h"

namespace postern::store {
namespace {

constexpr std::chrono::seconds connect_patience{10};

/// A server that has vanished is found out within half a minute, on both sides. What the URL says
/// comes later and wins, but for the encoding.
constexpr std::array keywords{
    "application_name", "keepalives_idle",  "keepalives_interval",
    "keepalives_count", "tcp_user_timeout", "target_session_attrs",
    "dbname",           "client_encoding",  static_cast<const char*>(nullptr)};

/// Postern's tables have a schema of their own. A commit that is not on disk is none. A process
/// that was stopped must not hold up the others for ever.
constexpr const char* settings = R"sql(
SET search_path TO postern;
SET lock_timeout = '30s';
SET idle_in_transaction_session_timeout = '60s';
SET tcp_keepalives_idle = 10;
SET tcp_keepalives_interval = 5;
SET tcp_keepalives_count = 3;
SET tcp_user_timeout = 20000;
SET default_transaction_isolation = 'read committed';
SELECT set_config('synchronous_commit', 'on', false)
  WHERE current_setting('synchronous_commit') = 'off'
)sql";

PostgresqlFailure not_connected(const PostgresqlLocation& location, const std::string& message) {
  return postgresql_failure(location.name(), sqlstate_in(message), message);
}

/// Waits for the socket. Returns false when the time is over.
bool wait_for(PGconn* connection, PostgresPollingStatusType wanted,
              std::chrono::steady_clock::time_point deadline) {
  pollfd watched{.fd = PQsocket(connection),
                 .events = static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                 .revents = 0};
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const int ready = ::poll(&watched, 1, static_cast<int>(left.count()));
    if (ready != 0) return ready > 0 || errno == EINTR;
  }
}

/// With messages that name their SQLSTATE, which libpq does not give of a connection that failed.
void establish(PGconn* connection, const PostgresqlLocation& location) {
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  const auto deadline = std::chrono::steady_clock::now() + connect_patience;
  auto wanted = PGRES_POLLING_WRITING;
  while (true) {
    if (!wait_for(connection, wanted, deadline)) {
      throw not_connected(
          location, "no answer within " + std::to_string(connect_patience.count()) + " seconds");
    }
    wanted = PQconnectPoll(connection);
    if (wanted == PGRES_POLLING_FAILED) throw not_connected(location, PQerrorMessage(connection));
    if (wanted == PGRES_POLLING_OK) break;
  }
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
}

/// CockroachDB takes advisory locks for granted: whoever asks gets them.
void require_locks(PGconn* connection, const PostgresqlLocation& location) {
  if (PQparameterStatus(connection, "crdb_version") == nullptr) return;
  throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT,
                      "the store " + location.name() +
                          " is on CockroachDB, which has no advisory locks: two spoolers would "
                          "send the same message; use PostgreSQL or YugabyteDB");
}

}  // namespace

ConnectionHandle connect(const PostgresqlLocation& location) {
  const std::array values{"postern",
                          "10",
                          "5",
                          "3",
                          "20000",
                          "read-write",
                          location.url().c_str(),
                          "UTF8",
                          static_cast<const char*>(nullptr)};
  static_assert(std::tuple_size_v<decltype(values)> == keywords.size());
  ConnectionHandle connection(PQconnectStartParams(keywords.data(), values.data(), 1));
  if (!connection) throw std::bad_alloc();
  if (PQstatus(connection.get()) == CONNECTION_BAD) {
    throw not_connected(location, PQerrorMessage(connection.get()));
  }
  establish(connection.get(), location);
  require_locks(connection.get(), location);
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const Result done(PQexec(connection.get(), settings));
  if (PQresultStatus(done.get()) != PGRES_TUPLES_OK) {
    const char* state = PQresultErrorField(done.get(), PG_DIAG_SQLSTATE);
    throw postgresql_failure(location.name(), state != nullptr ? state : "",
                             PQresultErrorMessage(done.get()));
  }
  return connection;
}

}  // namespace postern::store
