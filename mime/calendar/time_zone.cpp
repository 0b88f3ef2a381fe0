#include "mime/calendar/time_zone.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "mapi/utf.h"
#include "mime/calendar/content_line.h"
#include "mime/property/blob_reader.h"

namespace postern::mime {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint16_t rule_of_series = 0x0001;  // TZRULE_FLAG_RECUR_CURRENT_TZREG
constexpr std::uint16_t rule_of_single = 0x0002;  // TZRULE_FLAG_EFFECTIVE_TZREG

/// A SYSTEMTIME. Month 0 is none; a year other than 0 makes it a date, of which the weekday counts.
struct SystemTime {
  std::uint16_t year, month, weekday, day, hour, minute, second, millisecond;
};

SystemTime system_time(BlobReader& reader) {
  SystemTime time{};
  for (auto* field : {&time.year, &time.month, &time.weekday, &time.day, &time.hour, &time.minute,
                      &time.second, &time.millisecond}) {
    *field = reader.word();
  }
  return time;
}

std::optional<Transition> transition(const SystemTime& time) {
  const unsigned last_day = time.year == 0 ? 5 : 31;
  if (time.month < 1 || time.month > 12 || time.weekday > 6 || time.day < 1 ||
      time.day > last_day || time.hour > 23 || time.minute > 59 || time.second > 59) {
    return std::nullopt;
  }
  const auto week = time.year == 0 ? time.day : (time.day - 1U) / 7U + 1U;
  return Transition{std::chrono::month{time.month}, std::chrono::weekday{time.weekday}, week,
                    hours{time.hour} + minutes{time.minute} + seconds{time.second}};
}

struct Biases {
  std::int32_t base, standard, daylight;
};

Biases biases(BlobReader& reader) {
  const auto base = reader.signed_double_word();
  const auto standard = reader.signed_double_word();
  return {base, standard, reader.signed_double_word()};
}

/// A bias is what is added to local time; nullopt if it is more than a day.
std::optional<minutes> offset_of(std::int32_t base, std::int32_t further) {
  const auto bias = std::int64_t{base} + further;
  constexpr std::int64_t most = 24LL * 60;
  if (bias <= -most || bias >= most) return std::nullopt;
  return minutes{-bias};
}

/// Other characters would have to be written differently in a parameter and in a value.
std::string zone_name(std::string_view text) {
  constexpr std::size_t longest = 120;
  auto name = without_line_ends(text);
  static constexpr std::string_view special = "\"\\:;,";
  std::erase_if(name, [](char c) { return special.find(c) != std::string_view::npos; });
  auto size = std::min(name.size(), longest);
  while (size > 0 && size < name.size() &&
         (static_cast<unsigned char>(name[size]) & 0xC0U) == 0x80) {
    --size;
  }
  return std::string(trim(name.substr(0, size)));
}

std::optional<TimeZone> make_zone(std::string_view name, const Biases& bias,
                                  const SystemTime& standard_begins,
                                  const SystemTime& daylight_begins) {
  const auto offset = offset_of(bias.base, bias.standard);
  const auto daylight_offset = offset_of(bias.base, bias.daylight);
  if (!offset) return std::nullopt;
  TimeZone zone{zone_name(name), *offset, std::nullopt};
  if (zone.name.empty()) zone.name = fixed_zone(*offset).name;
  const auto begins = transition(daylight_begins);
  const auto ends = transition(standard_begins);
  if (begins && ends && daylight_offset && *daylight_offset != *offset) {
    zone.daylight = TimeZone::Daylight{*daylight_offset, *begins, *ends};
  }
  if (zone.name.empty() && zone.daylight) zone.name = "UTC with daylight saving time";
  return zone;
}

struct Rule {
  std::uint16_t flags, year;
  Biases bias;
  SystemTime standard_begins, daylight_begins;
};

Rule rule(BlobReader& reader) {
  constexpr std::size_t head_size = 4;  // versions and a size
  constexpr std::size_t unused_size = 14;
  Rule read{};
  reader.take(head_size);
  read.flags = reader.word();
  read.year = reader.word();
  reader.take(unused_size);
  read.bias = biases(reader);
  read.standard_begins = system_time(reader);
  read.daylight_begins = system_time(reader);
  return read;
}

const Rule& chosen_rule(const std::vector<Rule>& rules, ZoneUse use, std::chrono::year year) {
  const auto flag = use == ZoneUse::series ? rule_of_series : rule_of_single;
  const auto marked = std::find_if(rules.begin(), rules.end(),
                                   [flag](const Rule& each) { return (each.flags & flag) != 0; });
  if (marked != rules.end()) return *marked;
  const auto* chosen = &rules.front();
  for (const auto& each : rules) {
    if (static_cast<int>(each.year) <= static_cast<int>(year)) chosen = &each;
  }
  return *chosen;
}

}  // namespace

LocalTime moment_of(const Transition& transition, std::chrono::year year) {
  const auto month = year / transition.month;
  const auto day = transition.week == 5
                       ? std::chrono::local_days{month / transition.weekday[std::chrono::last]}
                       : std::chrono::local_days{month / transition.weekday[transition.week]};
  return day + transition.time;
}

LocalTime TimeZone::local(UtcTime time) const {
  const LocalTime standard{time.time_since_epoch() + offset};
  if (!daylight) return standard;
  const LocalTime summer{time.time_since_epoch() + daylight->offset};
  const auto year = std::chrono::year_month_day{floor<days>(standard)}.year();
  const auto begins = moment_of(daylight->begins, year);
  const auto ends = moment_of(daylight->ends, year);
  const bool is_summer =
      begins < ends ? standard >= begins && summer < ends : standard >= begins || summer < ends;
  return is_summer ? summer : standard;
}

UtcTime TimeZone::utc(LocalTime time) const {
  if (daylight) {
    const UtcTime summer{time.time_since_epoch() - daylight->offset};
    if (local(summer) == time) return summer;
  }
  return UtcTime{time.time_since_epoch() - offset};
}

std::optional<TimeZone> parse_zone_definition(std::span<const std::byte> blob, ZoneUse use,
                                              std::chrono::year year) {
  constexpr std::size_t most_rules = 1024;
  BlobReader reader(blob);
  reader.take(6);  // versions, the size of the header, a reserved field
  const auto name = mapi::from_utf16le(reader.take(std::size_t{reader.word()} * 2));
  const std::size_t count = reader.word();
  std::vector<Rule> rules;
  while (rules.size() < std::min(count, most_rules) && !reader.failed()) {
    rules.push_back(rule(reader));
  }
  if (reader.failed() || rules.empty()) return std::nullopt;
  const auto& chosen = chosen_rule(rules, use, year);
  return make_zone(name, chosen.bias, chosen.standard_begins, chosen.daylight_begins);
}

std::optional<TimeZone> parse_zone_struct(std::span<const std::byte> blob,
                                          std::string_view description) {
  BlobReader reader(blob);
  const auto bias = biases(reader);
  reader.word();  // the year, again
  const auto standard_begins = system_time(reader);
  reader.word();
  const auto daylight_begins = system_time(reader);
  if (reader.failed()) return std::nullopt;
  return make_zone(description, bias, standard_begins, daylight_begins);
}

TimeZone fixed_zone(minutes offset) {
  if (offset == minutes{0}) return {};
  const auto size = std::chrono::abs(offset).count();
  const auto two_digits = [](auto number) {
    return std::string(1, static_cast<char>('0' + number / 10)) +
           static_cast<char>('0' + number % 10);
  };
  auto name = "UTC" + std::string(offset < minutes{0} ? "-" : "+") + two_digits(size / 60) +
              two_digits(size % 60);
  return {std::move(name), offset, std::nullopt};
}

}  // namespace postern::mime
