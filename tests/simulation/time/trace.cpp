#include "tests/simulation/time/trace.h"

#include <fmt/format.h>

namespace postern::simulation {

std::string Trace::text(std::optional<std::size_t> life) const {
  std::string lines;
  for (const Event& event : events_) {
    if (life && event.life && *event.life != *life) continue;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(event.time);
    const auto whole = milliseconds.count();
    constexpr std::int64_t in_a_day = 86'400'000;
    lines += fmt::format("  day {} {:02}:{:02}:{:02}.{:03}  {}\n", whole / in_a_day,
                         whole / 3'600'000 % 24, whole / 60'000 % 60, whole / 1000 % 60,
                         whole % 1000, event.text);
  }
  return lines;
}

}  // namespace postern::simulation
