// The store of a trial, opened as each of its processes opens it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "mapi/msg_store.h"
#include "mapi/support.h"
#include "store/engine/postgresql_engine.h"
#include "store/postgresql_store.h"
#include "store/provider/store_provider.h"
#include "store/sqlite_store.h"

namespace postern::kill {

/// What a dead spooler had claimed is left to others after so long: lives are short here.
inline constexpr std::chrono::milliseconds grace{20};
inline constexpr std::chrono::seconds patience{10};

/// `location`: a path, or the URL of a database with its tables.
inline std::unique_ptr<mapi::MSProvider> open_store(const std::string& location,
                                                    mapi::StoreSupport& support) {
  if (!store::is_postgresql_url(location)) return store::open_sqlite_store(location, support);
  return store::make_provider(std::make_unique<store::PostgresqlEngine>(
                                  store::PostgresqlLocation(location), patience, grace),
                              support);
}

}  // namespace postern::kill
