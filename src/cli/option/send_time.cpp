#include "cli/option/send_time.h"

#include <chrono>
#include <cstdint>
#include <ctime>

#include "base/text.h"
#include "cli/option/duration.h"
#include "cli/option/usage_error.h"
#include "cli/output/time_text.h"

namespace postern::cli {
namespace {

/// Takes pieces off the beginning of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  /// So many digits.
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char digit : rest_.substr(0, digits)) {
      if (digit < '0' || digit > '9') return std::nullopt;
      value = value * 10 + (digit - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  bool skip(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::year_month_day> date(Scanner& text) {
  const auto year = text.number(4);
  if (!year || !text.skip("-")) return std::nullopt;
  const auto month = text.number(2);
  if (!month || !text.skip("-")) return std::nullopt;
  const auto day = text.number(2);
  if (!day || *year < 1970) return std::nullopt;
  const std::chrono::year_month_day found{std::chrono::year{*year},
                                          std::chrono::month{static_cast<unsigned>(*month)},
                                          std::chrono::day{static_cast<unsigned>(*day)}};
  return found.ok() ? std::optional(found) : std::nullopt;
}

std::optional<std::chrono::seconds> time_of_day(Scanner& text) {
  const auto hour = text.number(2);
  if (!hour || *hour > 23 || !text.skip(":")) return std::nullopt;
  const auto minute = text.number(2);
  if (!minute || *minute > 59) return std::nullopt;
  int second = 0;
  if (text.skip(":")) {
    const auto given = text.number(2);
    if (!given || *given > 59) return std::nullopt;
    second = *given;
  }
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{second};
}

/// East of Greenwich; the text does not end before it.
std::optional<std::chrono::seconds> zone(Scanner& text) {
  if (text.skip("Zz")) return std::chrono::seconds{0};
  const int sign = text.front() == '-' ? -1 : 1;
  if (!text.skip("+-")) return std::nullopt;
  const auto hours = text.number(2);
  text.skip(":");
  const auto minutes = text.number(2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (std::chrono::hours{*hours} + std::chrono::minutes{*minutes});
}

/// Seconds since 1970 of a local time. One that the clocks leave out in spring is the hour after.
std::int64_t local_seconds(std::chrono::year_month_day date, std::chrono::seconds time) {
  std::tm parts{};
  parts.tm_year = static_cast<int>(date.year()) - 1900;
  parts.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  parts.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
  parts.tm_hour = static_cast<int>(time / std::chrono::hours{1});
  parts.tm_min = static_cast<int>(time % std::chrono::hours{1} / std::chrono::minutes{1});
  parts.tm_sec = static_cast<int>((time % std::chrono::minutes{1}).count());
  parts.tm_isdst = -1;
  return std::mktime(&parts);
}

}  // namespace

std::optional<mapi::FileTime> parse_send_time(std::string_view text, mapi::FileTime now) {
  text = trim(text);
  if (text.starts_with('+')) {
    const auto span = parse_duration(text.substr(1));
    return span ? std::optional(now + *span) : std::nullopt;
  }
  Scanner scanner(text);
  const auto day = date(scanner);
  if (!day || !scanner.skip(" Tt")) return std::nullopt;
  const auto time = time_of_day(scanner);
  if (!time) return std::nullopt;
  std::int64_t seconds = 0;
  if (scanner.at_end()) {
    seconds = local_seconds(*day, *time);
  } else {
    scanner.skip(" ");
    const auto east = zone(scanner);
    if (!east || !scanner.at_end()) return std::nullopt;
    seconds = (std::chrono::sys_days(*day).time_since_epoch() + *time - *east).count();
  }
  if (seconds < 0) return std::nullopt;
  return mapi::FileTime{} + std::chrono::seconds{mapi::FileTime::unix_epoch_seconds + seconds};
}

std::optional<mapi::FileTime> future_time(const std::string& option,
                                          const std::optional<std::string>& text,
                                          const std::string& otherwise) {
  if (!text) return std::nullopt;
  const auto now = mapi::FileTime::now();
  const auto time = parse_send_time(*text, now);
  if (!time) {
    throw UsageError(option + ": '" + *text +
                     "' is no time; write it like '2026-12-01 08:00', '2026-12-01T08:00Z' or "
                     "'+2h'");
  }
  if (*time < now) throw UsageError(option + ": " + local_time(*time) + " is past; " + otherwise);
  return time;
}

}  // namespace postern::cli
