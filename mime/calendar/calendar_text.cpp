#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.h"
#include "mime/calendar/calendar.h"
#include "mime/calendar/content_line.h"
#include "mime/calendar/recurrence_rule.h"

namespace postern::mime {
namespace {

using std::chrono::days;
using std::chrono::floor;

/// A changed occurrence repeats much of its series; a small message may have many of them.
constexpr std::size_t biggest_text = 4U << 20U;

std::string date_text(LocalTime time) {
  const std::chrono::year_month_day date{floor<days>(time)};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

std::string date_time_text(LocalTime time) {
  const std::chrono::hh_mm_ss clock{time - floor<days>(time)};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "T%02d%02d%02d", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return date_text(time) + text.data();
}

std::string utc_text(UtcTime time) {
  return date_time_text(LocalTime{time.time_since_epoch()}) + 'Z';
}

std::string offset_text(std::chrono::minutes offset) {
  const auto size = static_cast<int>(std::chrono::abs(offset).count());
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%c%02d%02d", offset.count() < 0 ? '-' : '+', size / 60,
                size % 60);
  return text.data();
}

/// The lines, put together.
class Lines {
 public:
  void add(std::string_view name, std::string_view value) {
    append_content_line(text_, std::string(name) + ':' + std::string(value));
  }
  void add_text(std::string_view name, std::string_view text) {
    if (!text.empty()) add(name, escaped_text(text));
  }
  void add_number(std::string_view name, std::int32_t number) { add(name, std::to_string(number)); }
  void add_time(const std::string& name, LocalTime time, bool is_day, const TimeZone& zone) {
    if (is_day) {
      add(name + ";VALUE=DATE", date_text(time));
    } else if (zone.name.empty()) {
      add(name, utc_text(zone.utc(time)));
    } else {
      add(name + ";TZID=" + zone.name, date_time_text(time));
    }
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// The value of a `mailto:` URI (RFC 6068): what may not stand there, percent-encoded.
std::string mailto(std::string_view address) {
  constexpr std::string_view plain = "!$'*+-._~@";
  std::string uri = "mailto:";
  for (const char c : address) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter || is_digit(c) || plain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += '%';
      append_hex(uri, c);
    }
  }
  return uri;
}

std::string common_name(const Party& party) {
  return ";CN=" + quoted_parameter(party.name.empty() ? party.address : party.name);
}

void add_attendee(Lines& lines, const Attendee& attendee) {
  std::string name = "ATTENDEE";
  if (attendee.is_resource) name += ";CUTYPE=RESOURCE";
  name += ";ROLE=" + std::string(attendee.role);
  if (!attendee.participation.empty()) name += ";PARTSTAT=" + std::string(attendee.participation);
  if (attendee.is_asked) name += ";RSVP=TRUE";
  lines.add(name + common_name(attendee.party), mailto(attendee.party.address));
}

/// What begins at a transition, written for the first year that messages can name.
void add_observance(Lines& lines, std::string_view kind, const Transition& begins,
                    std::chrono::minutes before, std::chrono::minutes after) {
  using namespace std::chrono_literals;
  constexpr std::array<std::string_view, 7> names{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
  const auto position = begins.week == 5 ? "-1" : std::to_string(begins.week);
  lines.add("BEGIN", kind);
  lines.add("DTSTART", date_time_text(moment_of(begins, 1601y)));
  lines.add("RRULE", "FREQ=YEARLY;BYDAY=" + position +
                         std::string(names.at(begins.weekday.c_encoding())) +
                         ";BYMONTH=" + std::to_string(static_cast<unsigned>(begins.month)));
  lines.add("TZOFFSETFROM", offset_text(before));
  lines.add("TZOFFSETTO", offset_text(after));
  lines.add("END", kind);
}

/// Days have no zone, and UTC is not described.
bool uses_zone(const Calendar& calendar) {
  return !calendar.zone.name.empty() &&
         std::any_of(calendar.events.begin(), calendar.events.end(),
                     [](const Event& event) { return !event.is_all_day; });
}

void add_zone(Lines& lines, const TimeZone& zone) {
  lines.add("BEGIN", "VTIMEZONE");
  lines.add("TZID", zone.name);
  if (zone.daylight) {
    const auto& daylight = *zone.daylight;
    add_observance(lines, "STANDARD", daylight.ends, daylight.offset, zone.offset);
    add_observance(lines, "DAYLIGHT", daylight.begins, zone.offset, daylight.offset);
  } else {
    lines.add("BEGIN", "STANDARD");
    lines.add("DTSTART", "16010101T000000");
    lines.add("TZOFFSETFROM", offset_text(zone.offset));
    lines.add("TZOFFSETTO", offset_text(zone.offset));
    lines.add("END", "STANDARD");
  }
  lines.add("END", "VTIMEZONE");
}

/// A number's name in a table; that of 0 for a number beyond it.
template <std::size_t Size>
std::string_view name_of(const std::array<std::string_view, Size>& names, std::int32_t number) {
  const auto index = static_cast<std::size_t>(number);
  return number >= 0 && index < Size ? names.at(index) : names.front();
}

std::string_view busy_name(std::int32_t status) {
  constexpr std::array<std::string_view, 5> names{"FREE", "TENTATIVE", "BUSY", "OOF",
                                                  "WORKINGELSEWHERE"};
  return name_of(names, status);
}

void add_standing(Lines& lines, const Calendar& calendar, const Event& event) {
  constexpr std::array<std::string_view, 4> classes{"PUBLIC", "PRIVATE", "PRIVATE", "CONFIDENTIAL"};
  constexpr std::array<std::string_view, 3> priorities{"9", "5", "1"};
  const auto importance =
      calendar.importance < 0 || calendar.importance > 2 ? 1 : calendar.importance;
  lines.add("CLASS", name_of(classes, calendar.sensitivity));
  lines.add("PRIORITY", name_of(priorities, importance));
  if (!event.status.empty()) lines.add("STATUS", event.status);
  if (event.busy_status) {
    lines.add("TRANSP", *event.busy_status == 0 ? "TRANSPARENT" : "OPAQUE");
    lines.add("X-MICROSOFT-CDO-BUSYSTATUS", busy_name(*event.busy_status));
  }
  if (event.intended_status) {
    lines.add("X-MICROSOFT-CDO-INTENDEDSTATUS", busy_name(*event.intended_status));
  }
  if (event.is_all_day) lines.add("X-MICROSOFT-CDO-ALLDAYEVENT", "TRUE");
}

void add_categories(Lines& lines, const std::vector<std::string>& categories) {
  std::string list;
  for (const auto& each : categories) {
    if (trim(each).empty()) continue;
    if (!list.empty()) list += ',';
    list += escaped_text(trim(each));
  }
  if (!list.empty()) lines.add("CATEGORIES", list);
}

void add_alarm(Lines& lines, std::int32_t minutes_before) {
  lines.add("BEGIN", "VALARM");
  lines.add("ACTION", "DISPLAY");
  lines.add("DESCRIPTION", "Reminder");
  lines.add("TRIGGER;RELATED=START", "-PT" + std::to_string(minutes_before) + "M");
  lines.add("END", "VALARM");
}

void add_recurrence(Lines& lines, const Calendar& calendar, const Event& event) {
  if (!calendar.recurrence) return;
  const LocalTime last = calendar.recurrence->end_date + (event.start - floor<days>(event.start));
  lines.add("RRULE", recurrence_rule(
                         *calendar.recurrence,
                         event.is_all_day ? date_text(last) : utc_text(calendar.zone.utc(last))));
  for (const auto time : calendar.excluded) {
    lines.add_time("EXDATE", time, event.is_all_day, calendar.zone);
  }
}

void add_parties(Lines& lines, const Calendar& calendar) {
  if (calendar.organizer) {
    lines.add("ORGANIZER" + common_name(*calendar.organizer), mailto(calendar.organizer->address));
  }
  for (const auto& attendee : calendar.attendees) add_attendee(lines, attendee);
}

std::string event_text(const Calendar& calendar, const Event& event) {
  Lines lines;
  lines.add("BEGIN", "VEVENT");
  lines.add_text("UID", calendar.uid);
  if (event.occurrence) {
    lines.add_time("RECURRENCE-ID", *event.occurrence, calendar.is_series_all_day, calendar.zone);
  }
  lines.add_number("SEQUENCE", calendar.sequence);
  lines.add("DTSTAMP", utc_text(calendar.stamp));
  lines.add_time("DTSTART", event.start, event.is_all_day, calendar.zone);
  lines.add_time("DTEND", event.end, event.is_all_day, calendar.zone);
  if (!event.occurrence) add_recurrence(lines, calendar, event);
  add_parties(lines, calendar);
  lines.add_text("SUMMARY", event.summary);
  lines.add_text("LOCATION", event.location);
  lines.add_text("DESCRIPTION", event.description);
  add_categories(lines, calendar.categories);
  add_standing(lines, calendar, event);
  if (event.reminder_minutes) add_alarm(lines, *event.reminder_minutes);
  lines.add("END", "VEVENT");
  return lines.take();
}

}  // namespace

std::string_view method_name(CalendarMethod method) {
  constexpr std::array<std::string_view, 5> names{"PUBLISH", "REQUEST", "CANCEL", "REPLY",
                                                  "COUNTER"};
  return names.at(static_cast<std::size_t>(method));
}

CalendarText calendar_text(const Calendar& calendar) {
  Lines head;
  head.add("BEGIN", "VCALENDAR");
  head.add("PRODID", "-//Postern//Postern//EN");
  head.add("VERSION", "2.0");
  head.add("METHOD", method_name(calendar.method));
  if (uses_zone(calendar)) add_zone(head, calendar.zone);
  CalendarText result{head.take(), calendar.events.size()};
  for (const auto& event : calendar.events) {
    const bool is_first = result.events_left_out == calendar.events.size();
    auto text = event_text(calendar, event);
    if (!is_first && result.text.size() + text.size() > biggest_text) break;
    result.text += text;
    --result.events_left_out;
  }
  append_content_line(result.text, "END:VCALENDAR");
  return result;
}

}  // namespace postern::mime
