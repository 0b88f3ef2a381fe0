#include "mime/calendar/appointment.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/calendar/global_object_id.h"
#include "mime/calendar/property_names.h"
#include "mime/property/named_property.h"

namespace postern::mime {
namespace {

using mapi::LossKind;

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;

/// Of the attachment that holds a changed occurrence: when it would have begun.
constexpr mapi::Tag<mapi::PropertyType::system_time> PR_EXCEPTION_REPLACETIME{0x7FF9};

/// A time that RFC 5545 can write and that means one: programs store 1601 and 4501 for none.
std::optional<UtcTime> usable(const mapi::FileTime& time) {
  const UtcTime moment{std::chrono::seconds{time.unix_seconds()}};
  if (time.is_none() || moment < std::chrono::sys_days{1601y / 1 / 3} ||
      moment >= std::chrono::sys_days{4501y / 1 / 1}) {
    return std::nullopt;
  }
  return moment;
}

std::optional<UtcTime> time_of(const mapi::PropertyBag& bag, const mapi::Guid& set,
                               std::uint32_t number) {
  const auto* time = find_named<mapi::FileTime>(bag, set, number);
  return time == nullptr ? std::nullopt : usable(*time);
}

std::optional<UtcTime> time_of(const mapi::PropertyBag& bag,
                               mapi::Tag<mapi::PropertyType::system_time> tag) {
  const auto time = bag.get(tag);
  return time ? usable(*time) : std::nullopt;
}

/// The first that there is.
template <class Value>
std::optional<Value> first_of(std::initializer_list<std::optional<Value>> values) {
  for (const auto& value : values) {
    if (value) return value;
  }
  return std::nullopt;
}

std::optional<UtcTime> appointment_time(const mapi::PropertyBag& bag, std::uint32_t number) {
  return time_of(bag, mapi::PSETID_Appointment, number);
}

template <class Value>
Value appointment_or(const mapi::PropertyBag& bag, std::uint32_t number, Value otherwise) {
  return named_or<Value>(bag, mapi::PSETID_Appointment, number, std::move(otherwise));
}

std::optional<std::int32_t> number_of(const mapi::PropertyBag& bag, const mapi::Guid& set,
                                      std::uint32_t number) {
  const auto* value = find_named<std::int32_t>(bag, set, number);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

struct Span {
  UtcTime start, end;
};

std::optional<Span> span_of(const mapi::Message& message, CalendarMethod method) {
  std::optional<UtcTime> start, end;
  if (method == CalendarMethod::counter) {
    start = appointment_time(message, PidLidAppointmentProposedStartWhole);
    end = appointment_time(message, PidLidAppointmentProposedEndWhole);
  }
  if (!start) {
    start = first_of({appointment_time(message, PidLidAppointmentStartWhole),
                      time_of(message, mapi::PR_START_DATE)});
    end = first_of({appointment_time(message, PidLidAppointmentEndWhole),
                    time_of(message, mapi::PR_END_DATE)});
  }
  if (!start) return std::nullopt;
  const minutes duration{appointment_or<std::int32_t>(message, PidLidAppointmentDuration, 0)};
  return Span{*start, std::max(*start, end.value_or(*start + std::max(duration, minutes{0})))};
}

std::optional<TimeZone> stored_zone(const mapi::Message& message, std::uint32_t number, ZoneUse use,
                                    std::chrono::year year) {
  const auto* blob = find_named<mapi::Binary>(message, mapi::PSETID_Appointment, number);
  if (blob == nullptr || blob->empty()) return std::nullopt;
  if (number != PidLidTimeZoneStruct) return parse_zone_definition(*blob, use, year);
  return parse_zone_struct(*blob,
                           appointment_or<std::string>(message, PidLidTimeZoneDescription, ""));
}

std::chrono::local_days nearest_midnight(LocalTime time) {
  return floor<days>(time + 12h);
}

/// Reads one message; collects losses.
class Reader {
 public:
  Reader(const mapi::Message& message, MessageFacts facts, std::vector<mapi::Loss>& losses)
      : message_(message), facts_(std::move(facts)), losses_(losses) {}

  std::optional<Calendar> read() {
    const auto span = span_of(message_, facts_.method);
    if (!span) return std::nullopt;
    Calendar calendar;
    calendar.method = facts_.method;
    calendar.recurrence = recurrence();
    calendar.zone = zone(*span, calendar.recurrence);
    calendar.stamp = stamp(*span);
    calendar.sequence =
        std::max(0, appointment_or<std::int32_t>(message_, PidLidAppointmentSequence, 0));
    calendar.organizer = facts_.organizer;
    calendar.attendees = facts_.attendees;
    calendar.sensitivity = message_.get_or(mapi::PR_SENSITIVITY, 0);
    calendar.importance = message_.get_or(mapi::PR_IMPORTANCE, 1);
    calendar.categories = categories();
    calendar.is_series_all_day = is_all_day();
    calendar.events.push_back(event(*span, calendar.zone));
    calendar.uid = uid(calendar.events.front());
    if (calendar.recurrence) {
      add_occurrences(calendar);
    } else {
      calendar.events.front().occurrence = lone_occurrence(calendar);
      tell_unused_details(0);
    }
    return calendar;
  }

 private:
  void tell(LossKind kind, std::string sentence) {
    losses_.push_back({kind, mapi::calendar_part, std::move(sentence)});
  }

  [[nodiscard]] bool is_all_day() const {
    return appointment_or<bool>(message_, PidLidAppointmentSubType, false);
  }

  std::optional<Recurrence> recurrence() {
    const auto* recurs = find_named<bool>(message_, mapi::PSETID_Appointment, PidLidRecurring);
    const auto* blob =
        find_named<mapi::Binary>(message_, mapi::PSETID_Appointment, PidLidAppointmentRecur);
    const bool is_series = recurs == nullptr ? blob != nullptr && !blob->empty() : *recurs;
    if (!is_series) return std::nullopt;
    auto parsed = blob == nullptr ? std::nullopt : parse_recurrence(*blob);
    if (!parsed) {
      tell(LossKind::dropped,
           "how the appointment recurs cannot be read; only its first occurrence is sent");
    }
    return parsed;
  }

  TimeZone zone(const Span& span, const std::optional<Recurrence>& series) {
    constexpr std::array<std::uint32_t, 4> of_series{ZoneDefinitionRecur, PidLidTimeZoneStruct,
                                                     ZoneDefinitionStartDisplay,
                                                     ZoneDefinitionEndDisplay};
    constexpr std::array<std::uint32_t, 4> of_single{ZoneDefinitionStartDisplay,
                                                     ZoneDefinitionEndDisplay, PidLidTimeZoneStruct,
                                                     ZoneDefinitionRecur};
    const auto year = std::chrono::year_month_day{floor<days>(span.start)}.year();
    for (const auto number : series ? of_series : of_single) {
      auto found = stored_zone(message_, number, series ? ZoneUse::series : ZoneUse::single, year);
      if (!found) continue;
      const bool is_utc = found->offset == 0min && !found->daylight && found->name == "UTC";
      return is_utc ? TimeZone{} : *found;
    }
    return guessed_zone(span, series);
  }

  /// Where no zone is stored, local times that are known tell the offset.
  TimeZone guessed_zone(const Span& span, const std::optional<Recurrence>& series) {
    const LocalTime utc{span.start.time_since_epoch()};
    LocalTime local = utc;
    if (is_all_day()) {
      local = nearest_midnight(utc);
    } else if (series) {
      local = series->start_date + series->start_time;
    }
    const auto offset = floor<minutes>(local - utc);
    if (offset == 0min) return {};
    if (std::chrono::abs(offset) > 14h) {
      tell(LossKind::guessed, "no time zone is stored with the appointment; UTC is taken");
      return {};
    }
    auto zone = fixed_zone(offset);
    tell(LossKind::guessed,
         "no time zone is stored with the appointment; that of its local times, " + zone.name +
             ", is taken");
    return zone;
  }

  UtcTime stamp(const Span& span) {
    const bool is_answer =
        facts_.method == CalendarMethod::reply || facts_.method == CalendarMethod::counter;
    const auto changed = [this](std::uint32_t number) {
      return time_of(message_, mapi::PSETID_Meeting, number);
    };
    return first_of({is_answer ? changed(PidLidAttendeeCriticalChange) : std::nullopt,
                     changed(PidLidOwnerCriticalChange),
                     time_of(message_, mapi::PR_CLIENT_SUBMIT_TIME),
                     time_of(message_, mapi::PR_MESSAGE_DELIVERY_TIME),
                     time_of(message_, mapi::PR_CREATION_TIME),
                     time_of(message_, mapi::PR_LAST_MODIFICATION_TIME)})
        .value_or(span.start);
  }

  std::string uid(const Event& event) {
    auto stored = meeting_uid(message_);
    if (!stored.empty()) return stored;
    if (facts_.method != CalendarMethod::publish) {
      tell(LossKind::substituted,
           "the meeting has no id; the calendars of others cannot tell which one it is");
    }
    std::string made;
    if (const auto* key = message_.get(mapi::PR_SEARCH_KEY)) {
      for (const auto octet : *key) append_hex(made, static_cast<char>(octet));
    }
    if (made.empty()) made = message_.get_or(mapi::PR_INTERNET_MESSAGE_ID, "");
    constexpr std::size_t most = 100;
    if (!made.empty() && made.size() <= 2 * most) return made;
    made = std::to_string(event.start.time_since_epoch().count()) + '-';
    for (const char c : event.summary.substr(0, most)) append_hex(made, c);
    return made;
  }

  [[nodiscard]] std::vector<std::string> categories() const {
    const auto* value =
        message_.find(mapi::PropertyName{mapi::PS_PUBLIC_STRINGS, std::string("Keywords")});
    const auto* list = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
    return list == nullptr ? std::vector<std::string>{} : *list;
  }

  [[nodiscard]] std::string_view status() const {
    const auto state = appointment_or<std::int32_t>(message_, PidLidAppointmentStateFlags, 0);
    switch (facts_.method) {
      case CalendarMethod::cancel:
        return "CANCELLED";
      case CalendarMethod::publish:
        return (state & state_is_cancelled) != 0 ? "CANCELLED" : "CONFIRMED";
      case CalendarMethod::request:
        return "CONFIRMED";
      case CalendarMethod::reply:
      case CalendarMethod::counter:
        break;
    }
    return {};
  }

  /// Minutes before the start.
  std::optional<std::int32_t> reminder(const mapi::PropertyBag& bag) {
    constexpr std::int32_t usual = 15;
    constexpr std::int32_t default_delta = 0x5AE9'80E1;  // what Outlook stores for "the usual"
    constexpr std::int32_t ten_years = 10 * 366 * 24 * 60;
    const bool has_alarm =
        facts_.method == CalendarMethod::request || facts_.method == CalendarMethod::publish;
    if (!has_alarm || !named_or<bool>(bag, mapi::PSETID_Common, PidLidReminderSet, false)) {
      return std::nullopt;
    }
    const auto delta = named_or<std::int32_t>(bag, mapi::PSETID_Common, PidLidReminderDelta, usual);
    if (delta >= 0 && delta <= ten_years) return delta;
    if (delta == default_delta) return usual;
    tell(LossKind::substituted, "the time of the reminder is none; it is sent as " +
                                    std::to_string(usual) + " minutes before the start");
    return usual;
  }

  Event event(const Span& span, const TimeZone& zone) {
    Event event;
    event.is_all_day = is_all_day();
    event.start = zone.local(span.start);
    event.end = zone.local(span.end);
    if (event.is_all_day) make_whole_days(event);
    event.summary = facts_.summary;
    event.description = facts_.description;
    event.location = appointment_or<std::string>(message_, PidLidLocation, "");
    if (event.location.empty()) {
      event.location = named_or<std::string>(message_, mapi::PSETID_Meeting, PidLidWhere, "");
    }
    event.status = status();
    event.busy_status = number_of(message_, mapi::PSETID_Appointment, PidLidBusyStatus);
    event.intended_status = number_of(message_, mapi::PSETID_Appointment, PidLidIntendedBusyStatus);
    if (event.intended_status.value_or(0) < 0) event.intended_status.reset();
    event.reminder_minutes = reminder(message_);
    return event;
  }

  static void make_whole_days(Event& event) {
    const auto first = nearest_midnight(event.start);
    event.end = std::max(first + days{1}, nearest_midnight(event.end));
    event.start = first;
  }

  /// Which occurrence of a series the message is about, if it is about one only.
  std::optional<LocalTime> lone_occurrence(const Calendar& calendar) {
    if (const auto replaced = appointment_time(message_, PidLidExceptionReplaceTime)) {
      return calendar.zone.local(*replaced);
    }
    const auto date = occurrence_date(message_);
    if (!date) return std::nullopt;
    // Hours, minutes and seconds, in six bits each but the first.
    const auto* time =
        find_named<std::int32_t>(message_, mapi::PSETID_Meeting, PidLidStartRecurrenceTime);
    if (time != nullptr && *time >= 0 && *time < 24 * 4096) {
      return *date + std::chrono::hours{*time / 4096} + minutes{*time / 64 % 64} +
             std::chrono::seconds{*time % 64};
    }
    const auto start = calendar.events.front().start;
    return *date + (start - floor<days>(start));
  }

  void add_occurrences(Calendar& calendar) {
    const auto& series = *calendar.recurrence;
    const auto first = calendar.events.front();
    const auto time = first.start - floor<days>(first.start);
    const auto details = details_by_date(calendar.zone);
    std::ptrdiff_t used = 0;
    std::set<std::chrono::local_days> changed;
    for (const auto& change : series.changed) {
      const auto date = floor<days>(change.original_start);
      if (!changed.insert(date).second) continue;
      const auto found = details.find(date);
      calendar.events.push_back(
          changed_event(first, change, found == details.end() ? nullptr : found->second));
      calendar.events.back().occurrence = date + time;
      if (found != details.end()) ++used;
    }
    for (const auto date : series.replaced_dates) {
      if (!changed.contains(date)) calendar.excluded.push_back(date + time);
    }
    tell_unused_details(used);
  }

  void tell_unused_details(std::ptrdiff_t used) {
    const auto attached = std::count_if(message_.attachments.begin(), message_.attachments.end(),
                                        is_changed_occurrence);
    if (attached > used) {
      tell(LossKind::dropped,
           "a changed occurrence is attached that the series does not know; it is not sent");
    }
  }

  /// What is attached of changed occurrences, by the day they would have been on.
  [[nodiscard]] std::map<std::chrono::local_days, const mapi::Message*> details_by_date(
      const TimeZone& zone) const {
    std::map<std::chrono::local_days, const mapi::Message*> details;
    for (const auto& attachment : message_.attachments) {
      if (!is_changed_occurrence(attachment)) continue;
      const auto replaced =
          first_of({time_of(attachment, PR_EXCEPTION_REPLACETIME),
                    appointment_time(*attachment.embedded, PidLidExceptionReplaceTime)});
      if (replaced) {
        details.emplace(floor<days>(zone.local(*replaced)), attachment.embedded.get());
      }
    }
    return details;
  }

  Event changed_event(const Event& first, const ChangedOccurrence& change,
                      const mapi::Message* detail) {
    Event event = first;
    event.is_all_day = change.is_all_day.value_or(first.is_all_day);
    event.start = change.start;
    event.end = std::max(change.start, change.end);
    if (event.is_all_day) make_whole_days(event);
    if (detail != nullptr) apply_detail(event, *detail);
    if (change.subject) event.summary = *change.subject;
    if (change.location) event.location = *change.location;
    if (change.busy_status) event.busy_status = change.busy_status;
    if (change.has_reminder && !*change.has_reminder) event.reminder_minutes.reset();
    if (event.reminder_minutes && change.reminder_minutes.value_or(-1) >= 0) {
      event.reminder_minutes = change.reminder_minutes;
    }
    return event;
  }

  void apply_detail(Event& event, const mapi::Message& detail) {
    const auto text = [](std::string& into, std::string_view from) {
      if (!trim(from).empty()) into = from;
    };
    text(event.summary, detail.get_or(mapi::PR_SUBJECT, ""));
    text(event.description, detail.get_or(mapi::PR_BODY, ""));
    text(event.location, appointment_or<std::string>(detail, PidLidLocation, ""));
    const auto busy = number_of(detail, mapi::PSETID_Appointment, PidLidBusyStatus);
    if (busy) event.busy_status = busy;
    if (find_named<bool>(detail, mapi::PSETID_Common, PidLidReminderSet) != nullptr) {
      event.reminder_minutes = reminder(detail);
    }
  }

  const mapi::Message& message_;
  MessageFacts facts_;
  std::vector<mapi::Loss>& losses_;
};

}  // namespace

std::optional<Calendar> read_appointment(const mapi::Message& message, MessageFacts facts,
                                         std::vector<mapi::Loss>& losses) {
  return Reader(message, std::move(facts), losses).read();
}

bool is_meeting(const mapi::Message& message) {
  return (appointment_or<std::int32_t>(message, PidLidAppointmentStateFlags, 0) &
          state_is_meeting) != 0;
}

bool is_changed_occurrence(const mapi::Attachment& attachment) {
  constexpr std::string_view its_class = "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}";
  return attachment.embedded &&
         equals_ignoring_case(attachment.embedded->get_or(mapi::PR_MESSAGE_CLASS, ""), its_class);
}

bool proposes_time(const mapi::Message& message) {
  return appointment_or<bool>(message, PidLidAppointmentCounterProposal, false);
}

}  // namespace postern::mime
