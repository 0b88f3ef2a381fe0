// Which meeting an object is about: the id that all its messages share ([MS-OXOCAL] 2.2.1.27,
// mapi-to-mime.md §7.2).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "mapi/property_bag.h"

namespace postern::mime {

/// UID of the meeting: the text that another program gave it, else the id in hex, the same for all
/// occurrences. Empty if the object has none.
std::string meeting_uid(const mapi::PropertyBag& bag);

/// PidLidGlobalObjectId of a meeting that has this UID: what `meeting_uid` makes it of again.
mapi::Binary global_object_id(std::string_view uid);

/// The day of the one occurrence of a series that the object is about.
std::optional<std::chrono::local_days> occurrence_date(const mapi::PropertyBag& bag);

}  // namespace postern::mime
