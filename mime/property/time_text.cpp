#include "mime/property/time_text.h"

#include <array>
#include <cstdio>

namespace postern::mime {

std::string shown_date(std::chrono::year_month_day date) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

std::string shown_clock(std::chrono::seconds since_midnight) {
  const std::chrono::hh_mm_ss clock{since_midnight};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()));
  return text.data();
}

}  // namespace postern::mime
