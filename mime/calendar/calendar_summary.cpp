#include "mime/calendar/calendar_summary.h"

#include "mime/header/header_encoding.h"
#include "mime/property/time_text.h"

namespace postern::mime {
namespace {

using std::chrono::days;
using std::chrono::floor;

std::string day_of(LocalTime time) {
  return shown_date(std::chrono::year_month_day{floor<days>(time)});
}

std::string clock_of(LocalTime time) {
  return shown_clock(time - floor<days>(time));
}

std::string whole_days(const Event& event) {
  const auto last = event.end - days{1};
  const auto first = day_of(event.start);
  return last > event.start ? first + " to " + day_of(last) : first;
}

std::string times(const Event& event, const TimeZone& zone) {
  auto text = day_of(event.start) + ' ' + clock_of(event.start);
  if (event.end > event.start) {
    const bool is_same_day = floor<days>(event.end) == floor<days>(event.start);
    text += " to " + (is_same_day ? "" : day_of(event.end) + ' ') + clock_of(event.end);
  }
  return text + " (" + (zone.name.empty() ? "UTC" : zone.name) + ')';
}

}  // namespace

std::string calendar_summary(const Calendar& calendar) {
  const auto& event = calendar.events.front();
  std::string text;
  const auto add = [&text](std::string_view label, const std::string& value) {
    if (!value.empty()) text.append(label).append(value).append("\r\n");
  };
  add("What: ", one_line(event.summary));
  add("When: ", event.is_all_day ? whole_days(event) : times(event, calendar.zone));
  add("Where: ", one_line(event.location));
  if (calendar.recurrence) text += "This appointment recurs.\r\n";
  return text;
}

}  // namespace postern::mime
