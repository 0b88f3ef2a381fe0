// The times of `postern submit --at` and its like, as a person would write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mapi/file_time.h"

namespace postern::cli {

/// "+2h" (a duration from `now` on, as in option/duration.h), or a date and a time with a blank or
/// a T between them (ISO 8601): "2026-12-01 08:00", "2026-12-01T08:00:30". That is local time,
/// unless it ends in a zone: "Z", "+01:00", "+0100". nullopt for anything else, such as a 30th of
/// February, and for times before 1970.
std::optional<mapi::FileTime> parse_send_time(std::string_view text, mapi::FileTime now);

/// The time of an option; nullopt: it was not given. Throws UsageError if it is no time or past;
/// `otherwise`: what to do instead of a past one.
std::optional<mapi::FileTime> future_time(const std::string& option,
                                          const std::optional<std::string>& text,
                                          const std::string& otherwise);

}  // namespace postern::cli
