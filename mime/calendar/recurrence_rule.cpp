#include "mime/calendar/recurrence_rule.h"

#include <array>

namespace postern::mime {
namespace {

using Pattern = Recurrence::Pattern;

constexpr std::array<std::string_view, 7> weekday_names{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

std::string weekday_list(std::uint32_t weekdays) {
  std::string list;
  for (std::size_t i = 0; i < weekday_names.size(); ++i) {
    if ((weekdays >> i & 1U) == 0) continue;
    if (!list.empty()) list += ',';
    list += weekday_names[i];
  }
  return list;
}

/// In a month that is too short for the day, the last one is meant. No month is too short for 28.
std::string month_days(const Recurrence& recurrence, unsigned month) {
  const auto day = recurrence.day;
  if (recurrence.pattern == Pattern::month_end || day == 31) return ";BYMONTHDAY=-1";
  const bool always_fits = day <= 28 || (recurrence.is_yearly && month != 2);
  if (always_fits) return ";BYMONTHDAY=" + std::to_string(day);
  return day == 29 ? ";BYMONTHDAY=28,29;BYSETPOS=-1" : ";BYMONTHDAY=28,29,30;BYSETPOS=-1";
}

std::string nth_weekday(const Recurrence& recurrence) {
  const auto position = recurrence.nth == 5 ? "-1" : std::to_string(recurrence.nth);
  return ";BYDAY=" + weekday_list(recurrence.weekdays) + ";BYSETPOS=" + position;
}

std::string_view frequency(const Recurrence& recurrence) {
  if (recurrence.pattern == Pattern::day) return "DAILY";
  if (recurrence.pattern == Pattern::week) return "WEEKLY";
  return recurrence.is_yearly ? "YEARLY" : "MONTHLY";
}

/// Which days of the period.
std::string days_of(const Recurrence& recurrence) {
  if (recurrence.pattern == Pattern::day) return {};
  if (recurrence.pattern == Pattern::week) {
    return ";BYDAY=" + weekday_list(recurrence.weekdays) +
           ";WKST=" + std::string(weekday_names.at(recurrence.first_weekday));
  }
  const unsigned month{std::chrono::year_month_day{recurrence.start_date}.month()};
  auto which = recurrence.pattern == Pattern::month_nth ? nth_weekday(recurrence)
                                                        : month_days(recurrence, month);
  return recurrence.is_yearly ? which + ";BYMONTH=" + std::to_string(month) : which;
}

}  // namespace

std::string recurrence_rule(const Recurrence& recurrence, std::string_view last_start) {
  constexpr std::uint32_t months_a_year = 12;
  const auto interval =
      recurrence.is_yearly ? recurrence.period / months_a_year : recurrence.period;
  auto rule = "FREQ=" + std::string(frequency(recurrence));
  if (interval > 1) rule += ";INTERVAL=" + std::to_string(interval);
  rule += days_of(recurrence);
  if (recurrence.end == Recurrence::End::count) {
    rule += ";COUNT=" + std::to_string(recurrence.count);
  } else if (recurrence.end == Recurrence::End::date) {
    rule += ";UNTIL=" + std::string(last_start);
  }
  return rule;
}

}  // namespace postern::mime
