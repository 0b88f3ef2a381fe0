#include "mime/parse/calendar_properties.h"

#include <algorithm>
#include <chrono>
#include <libical/ical.h>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/text.h"
#include "mapi/file_time.h"
#include "mapi/property_tags.h"
#include "mime/calendar/global_object_id.h"
#include "mime/calendar/property_names.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

constexpr std::size_t longest_calendar = std::size_t{512} << 10U;
constexpr std::size_t most_components = 2000;

struct ComponentDeleter {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, ComponentDeleter>;

/// libical reads its zones once, into memory that all threads share.
void begin_libical() {
  static std::once_flag begun;
  std::call_once(begun, [] {
    icaltimezone_get_builtin_timezones();
    icaltimezone_get_utc_timezone();
  });
}

std::size_t count_components(std::string_view calendar) {
  constexpr std::string_view begin = "BEGIN:";
  std::size_t count = 0;
  for (auto at = calendar.find(begin); at != std::string_view::npos;
       at = calendar.find(begin, at + 1)) {
    ++count;
  }
  return count;
}

Component parse(std::string_view calendar) {
  begin_libical();
  if (calendar.size() > longest_calendar || count_components(calendar) > most_components) return {};
  std::string text(calendar);
  std::erase(text, '\0');
  return Component(icalparser_parse_string(text.c_str()));
}

std::string text_of(icalcomponent* event, icalproperty_kind kind) {
  auto* property = icalcomponent_get_first_property(event, kind);
  const auto* value = property == nullptr ? nullptr : icalproperty_get_value(property);
  const char* text = value == nullptr ? nullptr : icalvalue_get_text(value);
  return text == nullptr ? std::string() : std::string(text);
}

/// In UTC; of a day its first moment there, and of a time without a zone likewise.
std::optional<mapi::FileTime> time_of(icaltimetype time) {
  if (icaltime_is_null_time(time) != 0 || icaltime_is_valid_time(time) == 0) return std::nullopt;
  if (time.is_date == 0 && time.zone != nullptr) {
    time = icaltime_convert_to_zone(time, icaltimezone_get_utc_timezone());
  }
  return mapi::FileTime::from(std::chrono::system_clock::from_time_t(icaltime_as_timet(time)));
}

icaltimetype time_in(icalcomponent* event, icalproperty_kind kind) {
  auto* property = icalcomponent_get_first_property(event, kind);
  return property == nullptr ? icaltime_null_time()
                             : icalproperty_get_datetime_with_component(property, event);
}

icaltimetype end_of(icalcomponent* event, icaltimetype start) {
  const auto end = time_in(event, ICAL_DTEND_PROPERTY);
  if (icaltime_is_null_time(end) == 0) return end;
  auto duration = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY) == nullptr
                      ? icaldurationtype_from_int(start.is_date != 0 ? 24 * 60 * 60 : 0)
                      : icalcomponent_get_duration(event);
  return icaltime_add(start, duration);
}

/// How the one who answers has answered.
std::string_view answer_class(icalcomponent* event) {
  auto* attendee = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
  auto* status = attendee == nullptr
                     ? nullptr
                     : icalproperty_get_first_parameter(attendee, ICAL_PARTSTAT_PARAMETER);
  switch (status == nullptr ? ICAL_PARTSTAT_NONE : icalparameter_get_partstat(status)) {
    case ICAL_PARTSTAT_ACCEPTED:
      return "IPM.Schedule.Meeting.Resp.Pos";
    case ICAL_PARTSTAT_DECLINED:
      return "IPM.Schedule.Meeting.Resp.Neg";
    case ICAL_PARTSTAT_TENTATIVE:
      return "IPM.Schedule.Meeting.Resp.Tent";
    default:
      return {};
  }
}

std::string_view class_of_method(std::string_view method, icalcomponent* event) {
  if (equals_ignoring_case(method, "REQUEST")) return "IPM.Schedule.Meeting.Request";
  if (equals_ignoring_case(method, "CANCEL")) return "IPM.Schedule.Meeting.Canceled";
  if (equals_ignoring_case(method, "COUNTER")) return "IPM.Schedule.Meeting.Resp.Tent";
  if (equals_ignoring_case(method, "PUBLISH")) return "IPM.Appointment";
  return equals_ignoring_case(method, "REPLY") ? answer_class(event) : std::string_view();
}

std::string method_of(icalcomponent* calendar) {
  auto* property = icalcomponent_get_first_property(calendar, ICAL_METHOD_PROPERTY);
  const char* method = property == nullptr
                           ? nullptr
                           : icalproperty_enum_to_string(icalproperty_get_method(property));
  return method == nullptr ? std::string() : std::string(method);
}

class EventProperties {
 public:
  EventProperties(mapi::Message& message, icalcomponent* event)
      : message_(message), event_(event) {}

  void set_times() {
    const auto start = time_in(event_, ICAL_DTSTART_PROPERTY);
    const auto begin = time_of(start);
    const auto end = begin ? time_of(end_of(event_, start)) : std::nullopt;
    if (!begin || !end || *end < *begin) return;
    message_.set(mapi::PR_START_DATE, *begin);
    message_.set(mapi::PR_END_DATE, *end);
    set(PidLidAppointmentStartWhole, *begin);
    set(PidLidAppointmentEndWhole, *end);
    const auto length = (end->unix_seconds() - begin->unix_seconds()) / 60;
    set(PidLidAppointmentDuration, static_cast<std::int32_t>(std::min<std::int64_t>(
                                       length, std::numeric_limits<std::int32_t>::max())));
    set(PidLidAppointmentSubType, start.is_date != 0);
  }

  void set_texts() {
    const auto location = one_line(text_of(event_, ICAL_LOCATION_PROPERTY));
    if (!location.empty()) {
      set(PidLidLocation, location);
      message_.set({mapi::PSETID_Meeting, PidLidWhere}, location);
    }
    const auto summary = one_line(text_of(event_, ICAL_SUMMARY_PROPERTY));
    if (!message_.get(mapi::PR_SUBJECT) && !summary.empty()) {
      message_.set(mapi::PR_SUBJECT, summary);
    }
  }

  void set_id(bool recurs) {
    const char* uid = icalcomponent_get_uid(event_);
    if (uid != nullptr && *uid != '\0') {
      const auto id = global_object_id(uid);
      message_.set({mapi::PSETID_Meeting, PidLidGlobalObjectId}, id);
      message_.set({mapi::PSETID_Meeting, PidLidCleanGlobalObjectId}, id);
    }
    set(PidLidAppointmentSequence, static_cast<std::int32_t>(icalcomponent_get_sequence(event_)));
    set(PidLidRecurring, recurs);
    message_.set({mapi::PSETID_Meeting, PidLidIsRecurring}, recurs);
    if (const auto stamp = time_of(icalcomponent_get_dtstamp(event_))) {
      message_.set({mapi::PSETID_Meeting, PidLidOwnerCriticalChange}, *stamp);
    }
  }

  void set_state(std::string_view message_class) {
    constexpr std::int32_t busy = 2;
    const bool is_cancelled = message_class.ends_with(".Canceled");
    const bool is_meeting = message_class != "IPM.Appointment";
    auto* transparency = icalcomponent_get_first_property(event_, ICAL_TRANSP_PROPERTY);
    const bool is_free =
        is_cancelled || (transparency != nullptr &&
                         icalproperty_get_transp(transparency) == ICAL_TRANSP_TRANSPARENT);
    set(PidLidBusyStatus, is_free ? 0 : busy);
    set(PidLidAppointmentStateFlags, (is_meeting ? state_is_meeting | state_is_received : 0) |
                                         (is_cancelled ? state_is_cancelled : 0));
  }

 private:
  void set(std::uint32_t number, mapi::PropertyValue value) {
    message_.set({mapi::PSETID_Appointment, number}, std::move(value));
  }

  mapi::Message& message_;
  icalcomponent* event_;
};

}  // namespace

void set_calendar_properties(mapi::Message& message, std::string_view calendar,
                             std::string_view method, const Reading& reading) {
  const auto root = parse(calendar);
  if (!root) return;
  auto* event = icalcomponent_get_first_component(root.get(), ICAL_VEVENT_COMPONENT);
  if (event == nullptr) return;
  const auto message_class =
      class_of_method(method.empty() ? method_of(root.get()) : std::string(method), event);
  if (message_class.empty()) return;
  message.set(mapi::PR_MESSAGE_CLASS, std::string(message_class));
  const bool recurs = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY) != nullptr;
  EventProperties properties(message, event);
  properties.set_times();
  properties.set_texts();
  properties.set_id(recurs);
  properties.set_state(message_class);
  if (recurs) {
    reading.lose({mapi::LossKind::dropped, mapi::calendar_part,
                  "the meeting recurs; outside of the calendar as it came only its "
                  "first occurrence is there"});
  }
}

}  // namespace postern::mime
