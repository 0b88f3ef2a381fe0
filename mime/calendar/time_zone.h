// Time zones as messages store them ([MS-OXOCAL] 2.2.1.39, 2.2.1.41): one rule for every year.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>

namespace postern::mime {

using UtcTime = std::chrono::sys_seconds;
using LocalTime = std::chrono::local_seconds;

/// The same weekday of the same month each year, at a time of the clock that is about to be
/// changed.
struct Transition {
  std::chrono::month month{1};
  std::chrono::weekday weekday{0};
  unsigned week = 1;  ///< 1 to 4, 5 for the last of the month
  std::chrono::seconds time{0};
  friend bool operator==(const Transition&, const Transition&) = default;
};
/// In that year.
LocalTime moment_of(const Transition& transition, std::chrono::year year);

struct TimeZone {
  struct Daylight {
    std::chrono::minutes offset{0};
    Transition begins;
    Transition ends;
    friend bool operator==(const Daylight&, const Daylight&) = default;
  };

  std::string name;                ///< TZID; empty for UTC
  std::chrono::minutes offset{0};  ///< of standard time from UTC, positive in the east
  std::optional<Daylight> daylight;

  [[nodiscard]] LocalTime local(UtcTime time) const;
  /// A time that the clock shows twice is the earlier one.
  [[nodiscard]] UtcTime utc(LocalTime time) const;
  friend bool operator==(const TimeZone&, const TimeZone&) = default;
};

/// Which rule of a definition: it marks that of a single appointment and that of a series.
enum class ZoneUse { single, series };

/// PidLidAppointmentTimeZoneDefinitionStartDisplay and its like; nullopt if it cannot be read. The
/// rule is that of the use, else that of the year.
std::optional<TimeZone> parse_zone_definition(std::span<const std::byte> blob, ZoneUse use,
                                              std::chrono::year year);

/// PidLidTimeZoneStruct; `description` (PidLidTimeZoneDescription) names it. Nullopt if it cannot
/// be read.
std::optional<TimeZone> parse_zone_struct(std::span<const std::byte> blob,
                                          std::string_view description);

/// A zone without daylight saving, named after its offset; UTC if that is 0.
TimeZone fixed_zone(std::chrono::minutes offset);

}  // namespace postern::mime
