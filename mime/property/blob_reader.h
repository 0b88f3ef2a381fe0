// Reads the little-endian fields of a binary property, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace postern::mime {

/// Nothing is read past the end: such a field is 0 or empty, and `failed` says so from then on.
class BlobReader {
 public:
  explicit BlobReader(std::span<const std::byte> octets) : rest_(octets) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }

  std::span<const std::byte> take(std::size_t size) {
    failed_ = failed_ || size > rest_.size();
    if (failed_) {
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  std::uint8_t octet() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t word() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t double_word() { return number(4); }
  std::int32_t signed_double_word() { return static_cast<std::int32_t>(number(4)); }
  /// A size of 32 bits, and so many octets.
  std::span<const std::byte> block() { return take(double_word()); }

 private:
  std::uint32_t number(std::size_t size) {
    const auto octets = take(size);
    std::uint32_t value = 0;
    for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
      value = value << 8U | std::to_integer<std::uint32_t>(*octet);
    }
    return value;
  }

  std::span<const std::byte> rest_;
  bool failed_ = false;
};

}  // namespace postern::mime
