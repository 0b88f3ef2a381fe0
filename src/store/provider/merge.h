// What a handle saves: whether there is anything, and what it is where another handle saved before.
//
// A handle that saves after another one did must not take the other's changes back. What it changed
// itself since it was opened is carried over to what the store holds by then.
#pragma once

#include "mapi/message.h"

namespace postern::store {

/// A save of `value` over `base` would write what is there already.
bool is_unchanged(const mapi::Message& base, const mapi::Message& value);

/// `theirs` with the changes that lead from `base` to `mine`: property by property; recipient by
/// recipient where nobody added or removed one, else `mine` where it changed any; attachments as in
/// `mine` where it changed any. Where both changed the same, `mine` prevails.
mapi::Message merge_changes(const mapi::Message& base, const mapi::Message& mine,
                            mapi::Message theirs);

}  // namespace postern::store
