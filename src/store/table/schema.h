// The store's file: its tables, its marks, and how it is opened or made.
//
// application_id says that a file is a Postern store, user_version which tables it has.
#pragma once

#include <cstdint>
#include <filesystem>

#include "store/sqlite/connection.h"
#include "store/table/entry_ids.h"

namespace postern::store {

inline constexpr std::int32_t application_id = 0x50535452;  ///< "PSTR"
inline constexpr std::int32_t schema_version = 1;

/// Makes sure that there is a file that can be written, if an empty one, making missing parent
/// directories too. Returns its real path: by whatever links a store is reached, its lock file is
/// the one beside the file itself. Throws the failures of open_sqlite_store.
std::filesystem::path make_store_file(const std::filesystem::path& path);

/// Makes sure that the file at the real path `path` is a store of ours, making its tables when it
/// is empty; returns its uid. A file that is something else is not changed. Throws the failures of
/// open_sqlite_store.
StoreUid open_store_file(const std::filesystem::path& path);

}  // namespace postern::store
