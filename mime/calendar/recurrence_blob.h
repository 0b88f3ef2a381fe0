// PidLidAppointmentRecur: how an appointment recurs, and where it does otherwise ([MS-OXOCAL]
// 2.2.1.44). Its times are local ones of the series' zone.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mime/calendar/time_zone.h"

namespace postern::mime {

/// One occurrence that was changed, with what is different in it.
struct ChangedOccurrence {
  LocalTime start, end;
  LocalTime original_start;
  std::optional<std::string> subject;
  std::optional<std::string> location;
  std::optional<bool> has_reminder;
  std::optional<std::int32_t> reminder_minutes;
  std::optional<std::int32_t> busy_status;
  std::optional<bool> is_all_day;
};

struct Recurrence {
  enum class Pattern : std::uint16_t { day = 0, week = 1, month = 2, month_nth = 3, month_end = 4 };
  enum class End : std::uint32_t { date = 0x2021, count = 0x2022, never = 0x2023 };

  bool is_yearly = false;
  Pattern pattern = Pattern::day;
  std::uint32_t period = 0;    ///< days, weeks or months
  std::uint32_t weekdays = 0;  ///< bit 0 is Sunday
  std::uint32_t day = 0;       ///< of the month
  std::uint32_t nth = 0;       ///< 1 to 4, 5 for the last
  End end = End::never;
  std::uint32_t count = 0;
  unsigned first_weekday = 0;  ///< of a week; 0 is Sunday
  std::chrono::local_days start_date, end_date;
  /// The days of occurrences that were deleted or changed.
  std::vector<std::chrono::local_days> replaced_dates;
  std::chrono::minutes start_time{0}, end_time{0};  ///< after midnight
  std::vector<ChangedOccurrence> changed;
};

/// Nullopt if the blob is malformed or means what no recurrence rule says, as months of a lunar
/// calendar do.
std::optional<Recurrence> parse_recurrence(std::span<const std::byte> blob);

}  // namespace postern::mime
