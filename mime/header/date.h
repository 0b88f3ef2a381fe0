// Dates as headers write them (RFC 5322 §3.3), in UTC.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "mapi/file_time.h"

namespace postern::mime {

/// "Wed, 09 Jul 2025 12:34:56 +0000". Nothing outside the years 1900 to 4500: the format ends at
/// one side, and Outlook writes 1601 and 4501 for "none" at the other.
std::optional<std::string> date(mapi::FileTime time);
std::optional<std::string> date(std::chrono::system_clock::time_point time);

}  // namespace postern::mime
