// Days and times for people: "2024-06-01", "09:30".
#pragma once

#include <chrono>
#include <string>

namespace postern::mime {

std::string shown_date(std::chrono::year_month_day date);
/// Of the time since midnight.
std::string shown_clock(std::chrono::seconds since_midnight);

}  // namespace postern::mime
