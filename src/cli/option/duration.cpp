#include "cli/option/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/text.h"

namespace postern::cli {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array units{Unit{"", 1000},       Unit{"ms", 1},       Unit{"s", 1000},
                           Unit{"m", 60'000},    Unit{"min", 60'000}, Unit{"h", 3'600'000},
                           Unit{"d", 86'400'000}};
constexpr std::int64_t longest = 1'000'000;  // of any unit; keeps the product far from overflow

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  text = trim(text);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0 || count > longest) return std::nullopt;
  const auto name = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto* unit = std::find_if(units.begin(), units.end(),
                                  [name](const Unit& candidate) { return candidate.name == name; });
  if (unit == units.end()) return std::nullopt;
  return std::chrono::milliseconds{count * unit->milliseconds};
}

std::optional<std::vector<std::chrono::milliseconds>> parse_intervals(std::string_view text) {
  std::vector<std::chrono::milliseconds> intervals;
  while (true) {
    const auto comma = text.find(',');
    const auto interval = parse_duration(text.substr(0, comma));
    if (!interval) return std::nullopt;
    intervals.push_back(*interval);
    if (comma == std::string_view::npos) return intervals;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace postern::cli
