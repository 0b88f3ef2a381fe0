// Numbers of the SMTP dialogue and of file names.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace postern::catcher {

/// A count of octets or messages: digits alone, a number that fits 64 bits.
inline std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, count);
  if (text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
  return count;
}

}  // namespace postern::catcher
