// Dates of headers (RFC 5322 §3.3): written in UTC, and read.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "mapi/file_time.h"

namespace postern::mime {

/// "Wed, 09 Jul 2025 12:34:56 +0000". Returns nullopt outside the years 1900 to 4500: RFC 5322 has
/// no earlier ones, and Outlook writes 1601 and 4501 for "none".
std::optional<std::string> date(mapi::FileTime time);
std::optional<std::string> date(std::chrono::system_clock::time_point time);

/// The moment a date field names, with the obsolete forms of RFC 5322 §4.3: years of two digits,
/// zones by name. Zones that are unknown count as UTC. Nullopt if it is no date.
std::optional<mapi::FileTime> parse_date(std::string_view text);

}  // namespace postern::mime
