// Dates for headers (RFC 5322 §3.3), in UTC.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "mapi/file_time.h"

namespace postern::mime {

/// "Wed, 09 Jul 2025 12:34:56 +0000". Returns nullopt outside the years 1900 to 4500: RFC 5322 has
/// no earlier ones, and Outlook writes 1601 and 4501 for "none".
std::optional<std::string> date(mapi::FileTime time);
std::optional<std::string> date(std::chrono::system_clock::time_point time);

}  // namespace postern::mime
