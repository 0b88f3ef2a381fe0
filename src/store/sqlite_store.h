// The embedded message store: one SQLite file (WAL, full synchronous).
//
// Everything is in the file: folders, messages, attachment data in chunks, the outgoing queue as a
// table of its own. When a call returns, its changes are on disk. Concurrent callers share commits
// (group commit). Several processes may have the store open; one of them as its spooler.
//
// Errors and threads are those of mapi/msg_store.h; the provider may be used from any thread.
#pragma once

#include <filesystem>
#include <memory>

#include "mapi/msg_store.h"
#include "mapi/support.h"

#pragma GCC visibility push(default)
namespace postern::store {

/// Opens the store, making it (and missing parent directories) if it is absent. `support` is called
/// by submit, submit_message and finished_msg, on their callers' threads, and must outlive the
/// provider and its store objects. Throws mapi::Failure: MAPI_E_NO_ACCESS (read-only, no
/// permission), MAPI_E_CORRUPT_STORE (no store of ours), MAPI_E_VERSION (made by a newer Postern),
/// MAPI_E_NOT_ENOUGH_DISK, MAPI_E_DISK_ERROR.
std::unique_ptr<mapi::MSProvider> open_sqlite_store(const std::filesystem::path& path,
                                                    mapi::StoreSupport& support);

}  // namespace postern::store
#pragma GCC visibility pop
