// Short ids for people: the number a message has in its store.
#pragma once

#include <string>
#include <string_view>

#include "mapi/msg_store.h"

#pragma GCC visibility push(default)
namespace postern::store {

/// The number of a message in its store. Throws mapi::Failure(MAPI_E_INVALID_ENTRYID) for an entry
/// id of another kind of store.
std::string display_id(const mapi::EntryId& entry);

/// The entry id for such a number. Throws mapi::Failure(MAPI_E_INVALID_ENTRYID) if it is no number;
/// whether the message exists shows when it is opened.
mapi::EntryId entry_of(const mapi::MsgStore& store, std::string_view display_id);

}  // namespace postern::store
#pragma GCC visibility pop
