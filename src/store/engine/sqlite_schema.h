// The store's SQLite file: its tables, its identification, and how it is opened or made.
//
// application_id says that a file is a Postern store, user_version which tables it has.
#pragma once

#include <cstdint>
#include <filesystem>

#include "store/table/entry_ids.h"

namespace postern::store {

inline constexpr std::int32_t application_id = 0x50535452;  ///< "PSTR"
inline constexpr std::int32_t schema_version = 10;

/// Ensures that there is a writable file, perhaps an empty one; makes missing parent directories
/// too. Returns its real path, so that all links to a store lead to the same lock file. Throws the
/// failures of open_sqlite_store.
std::filesystem::path make_store_file(const std::filesystem::path& path);

/// Ensures that the file at the real path `path` is a store of ours, making its tables if it is
/// empty and bringing those of an older version up to date; returns its uid. Any other file is not
/// changed. Throws the failures of open_sqlite_store.
StoreUid open_store_file(const std::filesystem::path& path);

}  // namespace postern::store
