// The tables of a store in a PostgreSQL database: how they are made and brought up to date, and
// whether they are those that this Postern knows.
#pragma once

#include <cstdint>

#include "store/postgresql/connector.h"
#include "store/table/entry_ids.h"

namespace postern::store {

/// The store's uid. Throws mapi::Failure: MAPI_E_NOT_FOUND if there are no tables yet,
/// MAPI_E_VERSION if there are older or newer ones than this Postern's.
StoreUid require_postgresql_schema(Connection& connection);

struct SchemaVersions {
  std::int64_t before = 0;  ///< 0: there were no tables
  std::int64_t now = 0;
};
/// Makes the tables, or brings them up to date, in one transaction; several at once wait for each
/// other. MAPI_E_VERSION for newer ones.
SchemaVersions migrate_postgresql_schema(PostgresqlConnection& connection);

}  // namespace postern::store
