// The short names that people use for the messages of a store.
#pragma once

#include <string>
#include <string_view>

#include "mapi/msg_store.h"

#pragma GCC visibility push(default)
namespace postern::store {

/// A short name for people: the number a message has in its store.
std::string display_id(const mapi::EntryId& entry);

/// The entry id behind such a name. MAPI_E_INVALID_ENTRYID when it is no number; whether there is
/// such a message, opening it tells.
mapi::EntryId entry_of(const mapi::MsgStore& store, std::string_view display_id);

}  // namespace postern::store
#pragma GCC visibility pop
