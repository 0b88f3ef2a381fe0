// How a series recurs, as iCalendar says it (RFC 5545 §3.3.10, [MS-OXCICAL] 2.1.3.2.2).
#pragma once

#include <string>
#include <string_view>

#include "mime/calendar/recurrence_blob.h"

namespace postern::mime {

/// The value of RRULE. `last_start` is that of UNTIL, for a series that ends on a date.
std::string recurrence_rule(const Recurrence& recurrence, std::string_view last_start);

}  // namespace postern::mime
