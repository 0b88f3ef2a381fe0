// The number of a process from its start to its end, and how a server knows it: by the argument of
// EHLO.
#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace postern::kill {

using Life = unsigned;

/// So many messages a spooler sends at once.
inline constexpr std::size_t spooler_sessions = 6;

inline constexpr std::string_view life_prefix = "life-";

inline std::string ehlo_name(Life life) {
  return std::string(life_prefix) + std::to_string(life) + ".client.test";
}

/// The life in a line that has such a name in it; 0: there is none.
inline Life life_in(std::string_view line) {
  Life life = 0;
  const auto at = line.find(life_prefix);
  if (at == std::string_view::npos) return life;
  line.remove_prefix(at + life_prefix.size());
  std::from_chars(line.data(), line.data() + line.size(), life);
  return life;
}

}  // namespace postern::kill
