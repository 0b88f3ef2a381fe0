// The store's file: its tables, its marks, and how it is opened or made.
//
// application_id says that a file is a Postern store, user_version which tables it has.
#pragma once

#include <cstdint>
#include <filesystem>

#include "store/connection.h"
#include "store/entry_ids.h"

namespace postern::store {

inline constexpr std::int32_t application_id = 0x50535452;  ///< "PSTR"
inline constexpr std::int32_t schema_version = 1;

/// Makes sure that `path` is a store of ours that can be written, making it and missing parent
/// directories where it is absent; returns its uid. A file that is something else is not changed.
/// Throws the failures of open_sqlite_store.
StoreUid open_store_file(const std::filesystem::path& path);

}  // namespace postern::store
