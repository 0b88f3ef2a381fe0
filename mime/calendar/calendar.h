// A calendar with one appointment or series, as it is written (RFC 5545, RFC 5546).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/calendar/recurrence_blob.h"
#include "mime/calendar/time_zone.h"

namespace postern::mime {

/// What the receiver is to do with it (RFC 5546 §1.4).
enum class CalendarMethod { publish, request, cancel, reply, counter };

/// "REQUEST" and the like.
std::string_view method_name(CalendarMethod method);

struct Party {
  std::string name;
  std::string address;  ///< as it is in the headers
};

struct Attendee {
  Party party;
  std::string_view role;           ///< "REQ-PARTICIPANT" and the like
  std::string_view participation;  ///< "ACCEPTED" and the like; empty: not said
  bool is_resource = false;
  bool is_asked = false;  ///< for an answer
};

/// One VEVENT. Times are local ones of the calendar's zone.
struct Event {
  LocalTime start;
  LocalTime end;
  bool is_all_day = false;
  std::optional<LocalTime> occurrence;  ///< which one of the series this is
  std::string summary, location, description;
  std::string_view status;                      ///< "CONFIRMED" and the like; empty: not said
  std::optional<std::int32_t> busy_status;      ///< PidLidBusyStatus
  std::optional<std::int32_t> intended_status;  ///< PidLidIntendedBusyStatus
  std::optional<std::int32_t> reminder_minutes;
};

struct Calendar {
  CalendarMethod method = CalendarMethod::publish;
  TimeZone zone;
  std::string uid;
  UtcTime stamp;
  std::int32_t sequence = 0;
  std::optional<Party> organizer;
  std::vector<Attendee> attendees;
  std::int32_t sensitivity = 0;  ///< PR_SENSITIVITY
  std::int32_t importance = 1;   ///< PR_IMPORTANCE
  std::vector<std::string> categories;
  bool is_series_all_day = false;  ///< so that days, not times, name its occurrences
  std::optional<Recurrence> recurrence;
  std::vector<LocalTime> excluded;  ///< starts of occurrences that were deleted
  std::vector<Event> events;        ///< the appointment, then changed occurrences of it
};

/// The text and how much of the calendar is in it.
struct CalendarText {
  std::string text;
  std::size_t events_left_out = 0;  ///< at the end, since the text would grow without bounds
};
CalendarText calendar_text(const Calendar& calendar);

}  // namespace postern::mime
