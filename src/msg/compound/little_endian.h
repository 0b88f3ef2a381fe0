// Little-endian numbers in octets, as compound files and property streams hold them.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace postern::msg {

/// The number at `at`; the octets must be there.
template <std::unsigned_integral Number>
Number load(std::span<const std::byte> octets, std::size_t at = 0) {
  Number number = 0;
  for (std::size_t i = sizeof(Number); i-- > 0;) {
    number = static_cast<Number>(static_cast<std::uint64_t>(number) << 8U |
                                 std::to_integer<std::uint64_t>(octets[at + i]));
  }
  return number;
}

template <std::unsigned_integral Number>
void append(std::vector<std::byte>& octets, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    octets.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(number) >> (8 * i)));
  }
}

}  // namespace postern::msg
