#include "mime/header/date.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace postern::mime {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::chrono::year first_year{1900};
constexpr std::chrono::year last_year{4500};

}  // namespace

std::optional<std::string> date(mapi::FileTime time) {
  using std::chrono::days;
  using std::chrono::seconds;
  const std::chrono::sys_seconds moment{seconds{time.unix_seconds()}};
  const auto day = std::chrono::floor<days>(moment);
  if (day < std::chrono::sys_days{first_year / 1 / 1} ||
      day > std::chrono::sys_days{last_year / 12 / 31}) {
    return std::nullopt;
  }
  const std::chrono::year_month_day calendar{day};
  const std::chrono::hh_mm_ss clock{moment - day};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                weekdays[std::chrono::weekday{day}.c_encoding()].data(),
                static_cast<unsigned>(calendar.day()),
                months[static_cast<unsigned>(calendar.month()) - 1].data(),
                static_cast<int>(calendar.year()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return std::string(text.data());
}

std::optional<std::string> date(std::chrono::system_clock::time_point time) {
  return date(mapi::FileTime::from(time));
}

}  // namespace postern::mime
