// Meetings under test, and the calendars that are made of them.
#pragma once

#include <chrono>
#include <string>

#include "mapi/message.h"
#include "tests/mime/item/content_lines.h"

namespace postern::mime {

inline mapi::PropertyName named(const mapi::Guid& set, std::uint32_t number) {
  return {set, number};
}

/// A moment in UTC.
mapi::FileTime utc(int year, unsigned month, unsigned day, int hour = 0, int minute = 0);

/// "040000008200E00074C5B7101A82E008…" with 16 octets of data.
mapi::Binary global_object_id();
std::string uid_of_meeting();

/// From Ann to Bob, on 1 June 2024 from 8 to 9 UTC in room 1.
mapi::Message meeting(std::string_view message_class = "IPM.Schedule.Meeting.Request");

/// The one calendar part of the composed message: VCALENDAR, read strictly, and that its media type
/// names its method.
Component calendar_of(const mapi::Message& message);
/// The VEVENT of a calendar with one.
Component event_of(const mapi::Message& message);

}  // namespace postern::mime
