#include <cerrno>
#include <chrono>
#include <new>
#include <optional>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

#include "store/postgresql/pipeline.h"

namespace postern::store {
namespace {

/// For an answer of one server; of several, another one may be the primary.
constexpr std::chrono::seconds patience_with_one{10};
constexpr std::chrono::seconds patience_with_each{3};

/// Postern's tables have a schema of their own. A commit that is not on disk is none. A process
/// that was stopped must not hold up the others for ever. No statement runs so long that it would
/// be worth its while to compile it, whatever the server estimates of a large store. Each is about
/// single rows, or the first ones of an index: of a queue that was empty when the server counted
/// its rows, it would read whole tables for them, and go on so while they grow.
constexpr const char* settings = R"sql(
SET search_path TO postern;
SET lock_timeout = '30s';
SET statement_timeout = 0;
SET jit = off;
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
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
void establish(PGconn* connection, const PostgresqlLocation& location,
               std::chrono::seconds patience) {
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  auto wanted = PGRES_POLLING_WRITING;
  while (true) {
    if (!wait_for(connection, wanted, deadline)) {
      throw not_connected(location,
                          "no answer within " + std::to_string(patience.count()) + " seconds");
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

/// A server that has vanished is found out within half a minute, on both sides. What the URL says
/// comes later than the first ones and wins over them.
ConnectionHandle begin_connecting(const PostgresqlLocation& location, const PostgresqlHost& host) {
  std::vector<std::pair<const char*, const char*>> options{
      {"application_name", "postern"}, {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},    {"keepalives_count", "3"},
      {"tcp_user_timeout", "20000"},   {"target_session_attrs", "read-write"}};
  for (const auto& [keyword, value] : location.options()) {
    options.emplace_back(keyword.c_str(), value.c_str());
  }
  options.emplace_back("client_encoding", "UTF8");
  options.emplace_back("host", host.host.c_str());  // an empty value is none
  options.emplace_back("hostaddr", host.address.c_str());
  options.emplace_back("port", host.port.c_str());
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : options) {
    keywords.push_back(keyword);
    values.push_back(value);
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  ConnectionHandle connection(PQconnectStartParams(keywords.data(), values.data(), 0));
  if (!connection) throw std::bad_alloc();
  if (PQstatus(connection.get()) == CONNECTION_BAD) {
    throw not_connected(location, PQerrorMessage(connection.get()));
  }
  return connection;
}

void apply_settings(PGconn* connection, const PostgresqlLocation& location) {
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  execute(connection, location, settings);
}

ConnectionHandle connect_to(const PostgresqlLocation& location, const PostgresqlHost& host) {
  auto connection = begin_connecting(location, host);
  const bool is_only_one = location.hosts().size() == 1;
  establish(connection.get(), location, is_only_one ? patience_with_one : patience_with_each);
  require_locks(connection.get(), location);
  apply_settings(connection.get(), location);
  return connection;
}

}  // namespace

/// libpq tries several servers by itself, too, but has no limit of time for one of them unless it
/// may block.
ConnectionHandle connect(const PostgresqlLocation& location) {
  std::optional<PostgresqlFailure> first;
  for (const auto& host : location.hosts()) {
    try {
      return connect_to(location, host);
    } catch (const PostgresqlFailure& failure) {
      if (failure.code() != mapi::MAPI_E_NETWORK_ERROR) throw;
      if (!first) first = failure;
    }
  }
  throw PostgresqlFailure(*first);
}

}  // namespace postern::store
