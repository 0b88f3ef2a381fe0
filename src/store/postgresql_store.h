// The message store in a PostgreSQL database, which many machines and spoolers share.
//
// Everything is in the database, in a schema named "postern". When a call returns, its changes are
// durable as the database understands it (with synchronous replication: on the standby, too). Any
// number of processes on any number of machines may have the store open, and any number of them as
// its spooler. A message that a spooler has locked is left to others some seconds after the
// spooler's session with the database has ended.
//
// Errors and threads are those of mapi/msg_store.h; besides, every call may throw
// MAPI_E_NETWORK_ERROR while the database cannot be used. The provider may be used from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mapi/msg_store.h"
#include "mapi/support.h"

#pragma GCC visibility push(default)
namespace postern::store {

/// Whether it is a URL of a database, "postgresql://…" or "postgres://…", and no path of a file.
[[nodiscard]] bool is_postgresql_url(std::string_view location);

/// Opens the store. `url` is a connection URI as libpq documents it; a password is better left to
/// ~/.pgpass. `patience`: for how long a call waits for a database that is away before it throws.
/// `support` is that of open_sqlite_store. Throws mapi::Failure: MAPI_E_INVALID_PARAMETER (no such
/// URL), MAPI_E_NETWORK_ERROR, MAPI_E_LOGON_FAILED, MAPI_E_NOT_FOUND (no such database, or no
/// tables in it yet), MAPI_E_VERSION (tables of another version), MAPI_E_NOT_ENOUGH_RESOURCES (no
/// connection left), MAPI_E_NO_SUPPORT (CockroachDB).
std::unique_ptr<mapi::MSProvider> open_postgresql_store(
    const std::string& url, mapi::StoreSupport& support,
    std::chrono::milliseconds patience = std::chrono::milliseconds{0});

/// What a migration has changed: versions of the tables, 0 for none.
struct Migration {
  std::int64_t before = 0;
  std::int64_t now = 0;
};
/// Makes the store's tables, or brings those of an older version up to date, in one transaction.
/// Stop the Posterns of that version before. Throws as open_postgresql_store, and
/// MAPI_E_NO_ACCESS if the user may not make them.
Migration migrate_postgresql_store(const std::string& url);

}  // namespace postern::store
#pragma GCC visibility pop
