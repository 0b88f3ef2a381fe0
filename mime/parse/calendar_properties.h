// A calendar in a mail (RFC 5545, RFC 6047) as the properties of a meeting object (mapi-to-mime.md
// §7.2, from right to left), read with libical.
#pragma once

#include <string_view>

#include "mapi/message.h"
#include "mime/parse/content_properties.h"

namespace postern::mime {

/// Sets class, times, place, id and state of the first event, where `method` (of the Content-Type;
/// empty: that of the calendar) is one that meetings have. The calendar itself is kept as it came,
/// and composed.
void set_calendar_properties(mapi::Message& message, std::string_view calendar,
                             std::string_view method, const Reading& reading);

}  // namespace postern::mime
