// The message store wherever it is: in an SQLite file, or in a PostgreSQL database.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "mapi/msg_store.h"
#include "mapi/support.h"

#pragma GCC visibility push(default)
namespace postern::store {

/// Opens the store at `location`, a path (sqlite_store.h) or the URL of a database
/// (postgresql_store.h), and throws what the one or the other throws. `patience`: for how long a
/// call waits for a database that is away.
std::unique_ptr<mapi::MSProvider> open_store(
    const std::filesystem::path& location, mapi::StoreSupport& support,
    std::chrono::milliseconds patience = std::chrono::milliseconds{0});

/// How sentences name it: a path as it is, a URL without its password. Throws
/// mapi::Failure(MAPI_E_INVALID_PARAMETER) for a URL that cannot be read.
[[nodiscard]] std::string location_name(const std::filesystem::path& location);
/// Whether the location itself tells the password of a database.
[[nodiscard]] bool has_password(const std::filesystem::path& location);

}  // namespace postern::store
#pragma GCC visibility pop
