// Numbers as Windows writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::mime {

/// The unsigned number of `size` octets at `offset`; the octets must be there.
inline std::uint32_t little_endian(std::string_view octets, std::size_t offset, std::size_t size) {
  std::uint32_t value = 0;
  for (auto i = size; i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(octets[offset + i]);
  }
  return value;
}

inline void append_little_endian(std::string& octets, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) octets += static_cast<char>(value >> shift);
}

}  // namespace postern::mime
