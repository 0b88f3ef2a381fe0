#include "mime/header/date.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/text.h"

namespace postern::mime {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::chrono::year first_year{1900};
constexpr std::chrono::year last_year{4500};

/// Zones of RFC 822 §5.1 that have a name, in hours east of Greenwich.
struct NamedZone {
  std::string_view name;
  int hours;
};
constexpr std::array<NamedZone, 8> zones{{{"EDT", -4},
                                          {"EST", -5},
                                          {"CDT", -5},
                                          {"CST", -6},
                                          {"MDT", -6},
                                          {"MST", -7},
                                          {"PDT", -7},
                                          {"PST", -8}}};

/// What is left of a date, read token by token.
class DateScanner {
 public:
  explicit DateScanner(std::string_view text) : rest_(text) {}

  std::optional<int> number(std::size_t most_digits) {
    skip_blanks();
    std::size_t size = 0;
    int value = 0;
    while (size < std::min(most_digits, rest_.size()) && is_digit(rest_[size])) {
      value = value * 10 + (rest_[size] - '0');
      ++size;
    }
    rest_.remove_prefix(size);
    if (size == 0) return std::nullopt;
    return value;
  }

  std::string_view word() {
    skip_blanks();
    std::size_t size = 0;
    while (size < rest_.size() && std::isalpha(static_cast<unsigned char>(rest_[size])) != 0)
      ++size;
    const auto found = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return found;
  }

  bool take(char wanted) {
    skip_blanks();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }

  std::string_view rest_;
};

std::optional<std::chrono::month> month_named(std::string_view name) {
  for (unsigned i = 0; i < months.size(); ++i) {
    if (equals_ignoring_case(name, months.at(i))) return std::chrono::month{i + 1};
  }
  return std::nullopt;
}

/// Minutes east of Greenwich.
std::chrono::minutes zone_offset(DateScanner& scanner) {
  const bool is_west = scanner.take('-');
  if (is_west || scanner.take('+')) {
    const auto number = scanner.number(4).value_or(0);
    const std::chrono::minutes offset{number / 100 * 60 + number % 100};
    return is_west ? -offset : offset;
  }
  const auto name = scanner.word();
  for (const auto& zone : zones) {
    if (equals_ignoring_case(name, zone.name)) return std::chrono::hours{zone.hours};
  }
  return {};
}

/// Years of two digits are those of 1950 to 2049, of three digits those after 1900.
int full_year(int year) {
  if (year < 50) return year + 2000;
  return year < 1000 ? year + 1900 : year;
}

void append_two_digits(std::string& text, unsigned number) {
  text += static_cast<char>('0' + number / 10 % 10);
  text += static_cast<char>('0' + number % 10);
}

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
  std::string text;
  text.reserve(std::string_view("Sun, 01 Jan 2000 00:00:00 +0000").size());
  text.append(weekdays.at(std::chrono::weekday{day}.c_encoding())).append(", ");
  append_two_digits(text, static_cast<unsigned>(calendar.day()));
  text.append(" ").append(months.at(static_cast<unsigned>(calendar.month()) - 1)).append(" ");
  const auto year = static_cast<unsigned>(static_cast<int>(calendar.year()));
  append_two_digits(text, year / 100);
  append_two_digits(text, year % 100);
  char separator = ' ';
  for (const auto part : {clock.hours().count(), clock.minutes().count(),
                          static_cast<long>(clock.seconds().count())}) {
    text += std::exchange(separator, ':');
    append_two_digits(text, static_cast<unsigned>(part));
  }
  return text += " +0000";
}

std::optional<std::string> date(std::chrono::system_clock::time_point time) {
  return date(mapi::FileTime::from(time));
}

std::optional<mapi::FileTime> parse_date(std::string_view text) {
  DateScanner scanner(text);
  if (!scanner.word().empty()) scanner.take(',');
  const auto day = scanner.number(2);
  const auto month = month_named(scanner.word());
  const auto year = scanner.number(4);
  const auto hour = scanner.number(2);
  if (!day || !month || !year || !hour || !scanner.take(':')) return std::nullopt;
  const auto minute = scanner.number(2);
  const auto second = scanner.take(':') ? scanner.number(2) : 0;
  const std::chrono::year_month_day calendar{std::chrono::year{full_year(*year)}, *month,
                                             std::chrono::day{static_cast<unsigned>(*day)}};
  if (!calendar.ok() || calendar.year() < std::chrono::year{1601} || *hour > 23 || !minute ||
      *minute > 59 || !second || *second > 60) {
    return std::nullopt;
  }
  const auto moment = std::chrono::sys_days{calendar} + std::chrono::hours{*hour} +
                      std::chrono::minutes{*minute} + std::chrono::seconds{*second} -
                      zone_offset(scanner);
  constexpr mapi::FileTime unix_epoch{static_cast<std::uint64_t>(
      mapi::FileTime::unix_epoch_seconds * mapi::FileTime::ticks_per_second)};
  return unix_epoch + std::chrono::seconds(moment.time_since_epoch());
}

}  // namespace postern::mime
