// The embedded message store: one SQLite file (WAL, full synchronous).
//
// Everything is in the file: folders, messages, attachment data in chunks, the outgoing queue as a
// table of its own. When a call returns, what it did is on disk. Concurrent callers share commits
// (group commit). Several processes may have the store open; one of them as its spooler.
#pragma once

#include <filesystem>
#include <memory>

#include "mapi/msg_store.h"
#include "mapi/support.h"

#pragma GCC visibility push(default)
namespace postern::store {

/// Opens the store, making it (and missing parent directories) where it is absent. `support` is
/// used by submit_message and finished_msg and outlives the provider. Throws mapi::Failure:
/// MAPI_E_NO_ACCESS (read-only, no permission), MAPI_E_CORRUPT_STORE (no store of ours),
/// MAPI_E_VERSION (made by a newer Postern), MAPI_E_NOT_ENOUGH_DISK, MAPI_E_DISK_ERROR.
std::unique_ptr<mapi::MSProvider> open_sqlite_store(const std::filesystem::path& path,
                                                    mapi::StoreSupport& support);

}  // namespace postern::store
#pragma GCC visibility pop
