// What a handle saves: whether it has changes, and how they are merged if another handle saved
// before.
//
// A handle that saves after another one must not undo the other's changes. Its own changes since it
// was opened are applied to what the store holds by then.
#pragma once

#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// Whether a save of `value` over `base` would change nothing.
bool is_unchanged(const mapi::Message& base, const mapi::Message& value);

/// Makes in `theirs` the changes from `base` to `mine`, property by property.
void merge_properties(const mapi::PropertyBag& base, const mapi::PropertyBag& mine,
                      mapi::PropertyBag& theirs);

/// `theirs` with the changes from `base` to `mine`: property by property; recipient by recipient if
/// neither added or removed one, else those of `mine` if it changed any; the attachments of `mine`
/// if it changed any. If both changed the same, `mine` prevails.
mapi::Message merge_changes(const mapi::Message& base, const mapi::Message& mine,
                            mapi::Message theirs);

}  // namespace postern::session
#pragma GCC visibility pop
