#include "mime/calendar/recurrence_blob.h"

#include <algorithm>
#include <array>

#include "mapi/utf.h"
#include "mime/property/blob_reader.h"

namespace postern::mime {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using Pattern = Recurrence::Pattern;
using End = Recurrence::End;

constexpr std::uint16_t daily = 0x200A;
constexpr std::uint16_t yearly = 0x200D;
constexpr std::uint32_t minutes_a_day = 24 * 60;
constexpr std::uint32_t with_change_highlight = 0x3009;  // the writer's version

/// What an ExceptionInfo overrides, by its flags.
enum Override : std::uint16_t {
  overrides_subject = 0x0001,
  overrides_meeting_type = 0x0002,
  overrides_reminder_delta = 0x0004,
  overrides_reminder = 0x0008,
  overrides_location = 0x0010,
  overrides_busy_status = 0x0020,
  overrides_attachment = 0x0040,
  overrides_sub_type = 0x0080,
  overrides_colour = 0x0100,
};

/// Times are minutes since 1601.
LocalTime local_time(BlobReader& reader) {
  using namespace std::chrono_literals;
  return std::chrono::local_days{1601y / 1 / 1} + minutes{reader.double_word()};
}

std::chrono::local_days local_date(BlobReader& reader) {
  return std::chrono::floor<days>(local_time(reader));
}

/// A list of dates behind its length; an impossible length fails the reader.
std::vector<std::chrono::local_days> local_dates(BlobReader& reader) {
  constexpr std::size_t octets_a_date = 4;
  const std::size_t count = reader.double_word();
  std::vector<std::chrono::local_days> dates;
  if (count > reader.remaining() / octets_a_date) {
    reader.take(reader.remaining() + 1);
    return dates;
  }
  for (std::size_t i = 0; i < count; ++i) dates.push_back(local_date(reader));
  return dates;
}

/// Whose months are not those of the Gregorian calendar: Hijri, Hebrew and the lunar ones.
bool is_other_calendar(std::uint16_t type) {
  constexpr std::array<std::uint16_t, 7> others{0x06, 0x08, 0x0E, 0x0F, 0x10, 0x11, 0x17};
  return std::find(others.begin(), others.end(), type) != others.end();
}

struct Kind {
  std::uint16_t frequency, pattern, calendar;
};

void read_pattern(BlobReader& reader, const Kind& kind, Recurrence& recurrence) {
  recurrence.is_yearly = kind.frequency == yearly;
  recurrence.pattern = static_cast<Pattern>(kind.pattern);
  reader.double_word();  // the first date, which only a server needs
  recurrence.period = reader.double_word();
  reader.double_word();  // whether a task recurs from its completion
  switch (recurrence.pattern) {
    case Pattern::day:
      break;
    case Pattern::week:
      recurrence.weekdays = reader.double_word();
      break;
    case Pattern::month:
    case Pattern::month_end:
      recurrence.day = reader.double_word();
      break;
    case Pattern::month_nth:
      recurrence.weekdays = reader.double_word();
      recurrence.nth = reader.double_word();
      break;
  }
}

End end_of(std::uint32_t type) {
  const bool is_known = type == static_cast<std::uint32_t>(End::date) ||
                        type == static_cast<std::uint32_t>(End::count);
  return is_known ? static_cast<End>(type) : End::never;
}

void read_range(BlobReader& reader, Recurrence& recurrence) {
  recurrence.end = end_of(reader.double_word());
  recurrence.count = reader.double_word();
  recurrence.first_weekday = reader.double_word();
  recurrence.replaced_dates = local_dates(reader);
  local_dates(reader);  // where the changed ones are now, which the changes say themselves
  recurrence.start_date = local_date(reader);
  recurrence.end_date = local_date(reader);
}

void skip_text(BlobReader& reader) {
  reader.word();
  reader.take(reader.word());
}

struct Change {
  ChangedOccurrence occurrence;
  std::uint16_t flags = 0;
};

/// Its texts are 8-bit ones without a code page; those of the ExtendedException count.
Change read_change(BlobReader& reader) {
  Change change;
  auto& occurrence = change.occurrence;
  occurrence.start = local_time(reader);
  occurrence.end = local_time(reader);
  occurrence.original_start = local_time(reader);
  change.flags = reader.word();
  const auto overrides = [&change](Override flag) { return (change.flags & flag) != 0; };
  if (overrides(overrides_subject)) skip_text(reader);
  if (overrides(overrides_meeting_type)) reader.double_word();
  if (overrides(overrides_reminder_delta)) {
    occurrence.reminder_minutes = reader.signed_double_word();
  }
  if (overrides(overrides_reminder)) occurrence.has_reminder = reader.double_word() != 0;
  if (overrides(overrides_location)) skip_text(reader);
  if (overrides(overrides_busy_status)) occurrence.busy_status = reader.signed_double_word();
  if (overrides(overrides_attachment)) reader.double_word();
  if (overrides(overrides_sub_type)) occurrence.is_all_day = reader.double_word() != 0;
  if (overrides(overrides_colour)) reader.double_word();
  return change;
}

std::string wide_text(BlobReader& reader) {
  return mapi::from_utf16le(reader.take(std::size_t{reader.word()} * 2));
}

void read_extension(BlobReader& reader, std::uint32_t version, Change& change) {
  constexpr std::size_t times_size = 12;
  if (version >= with_change_highlight) reader.block();
  reader.block();
  if ((change.flags & (overrides_subject | overrides_location)) == 0) return;
  reader.take(times_size);
  if ((change.flags & overrides_subject) != 0) change.occurrence.subject = wide_text(reader);
  if ((change.flags & overrides_location) != 0) change.occurrence.location = wide_text(reader);
  reader.block();
}

/// The changed occurrences. Without the extensions, which old writers leave out, their texts are
/// missing.
void read_changes(BlobReader& reader, std::uint32_t version, Recurrence& recurrence) {
  std::vector<Change> changes(reader.word());
  for (auto& change : changes) {
    if (reader.failed()) return;
    change = read_change(reader);
  }
  if (reader.remaining() > 0) {
    reader.block();
    for (auto& change : changes) {
      if (!reader.failed()) read_extension(reader, version, change);
    }
  }
  for (auto& change : changes) recurrence.changed.push_back(std::move(change.occurrence));
}

bool is_date(std::chrono::local_days date) {
  const auto year = static_cast<int>(std::chrono::year_month_day{date}.year());
  return year >= 1601 && year <= 9999;
}

/// Whether a rule can be made of it. Days of a pattern by days are stored as minutes.
bool normalise(Recurrence& recurrence) {
  constexpr std::uint32_t all_weekdays = 0x7F;
  constexpr std::uint32_t longest_period = 9999;
  if (recurrence.pattern == Pattern::day) {
    if (recurrence.period % minutes_a_day != 0) return false;
    recurrence.period /= minutes_a_day;
  }
  recurrence.weekdays &= all_weekdays;
  const bool has_weekdays = recurrence.weekdays != 0;
  const bool is_nth = has_weekdays && recurrence.nth >= 1 && recurrence.nth <= 5;
  const bool is_day = recurrence.day >= 1 && recurrence.day <= 31;
  const bool is_sound = recurrence.pattern == Pattern::day    ? true
                        : recurrence.pattern == Pattern::week ? has_weekdays
                        : recurrence.pattern == Pattern::month_nth
                            ? is_nth
                            : is_day || recurrence.pattern == Pattern::month_end;
  const bool goes_by_months = recurrence.pattern >= Pattern::month;
  recurrence.is_yearly = recurrence.is_yearly && goes_by_months && recurrence.period % 12 == 0;
  return is_sound && recurrence.period >= 1 && recurrence.period <= longest_period &&
         recurrence.first_weekday <= 6 && is_date(recurrence.start_date) &&
         is_date(recurrence.end_date) && (recurrence.end != End::count || recurrence.count > 0);
}

}  // namespace

std::optional<Recurrence> parse_recurrence(std::span<const std::byte> blob) {
  BlobReader reader(blob);
  reader.take(4);  // versions
  Kind kind{};
  kind.frequency = reader.word();
  kind.pattern = reader.word();
  kind.calendar = reader.word();
  const bool goes_by_days = kind.pattern <= static_cast<std::uint16_t>(Pattern::week);
  if (kind.frequency < daily || kind.frequency > yearly ||
      kind.pattern > static_cast<std::uint16_t>(Pattern::month_end) ||
      (!goes_by_days && is_other_calendar(kind.calendar))) {
    return std::nullopt;
  }
  Recurrence recurrence;
  read_pattern(reader, kind, recurrence);
  read_range(reader, recurrence);
  reader.double_word();  // the version of readers
  const auto version = reader.double_word();
  recurrence.start_time = minutes{reader.double_word()};
  recurrence.end_time = minutes{reader.double_word()};
  read_changes(reader, version, recurrence);
  if (reader.failed() || !normalise(recurrence)) return std::nullopt;
  return recurrence;
}

}  // namespace postern::mime
