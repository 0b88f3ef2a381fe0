// Goes through content once, forwards, and knows where regions of it end.
//
// Each octet passes by, also those that are skipped, so the sum of all is known everywhere.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mapi/content.h"
#include "msg/compound/little_endian.h"

namespace postern::msg {

/// Throws FormatError where the region or the content ends too early.
class Cursor {
 public:
  explicit Cursor(const mapi::Content& content);

  /// Octets before this place in the content.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  /// Octets up to the end of the region.
  [[nodiscard]] std::uint64_t left() const { return end_ - position_; }
  /// The sum of all octets before this place.
  [[nodiscard]] std::uint16_t sum() const { return sum_; }

  template <std::unsigned_integral Number>
  Number take() {
    std::array<std::byte, sizeof(Number)> octets;
    take_into(octets);
    return load<Number>(octets);
  }
  /// Throws TooComplex above 256 MiB.
  std::vector<std::byte> take(std::uint64_t size);
  void take_into(std::span<std::byte> into);
  void skip(std::uint64_t size);

  /// Makes the next `length` octets the region. Returns the end of the outer one, for `leave`.
  std::uint64_t enter(std::uint64_t length);
  /// Goes to the end of the region and returns to the outer one.
  void leave(std::uint64_t outer_end);

 private:
  void require(std::uint64_t size) const;
  /// The octets at hand, at most `size`; they count as passed.
  std::span<const std::byte> next(std::uint64_t size);

  std::unique_ptr<mapi::ContentReader> reader_;
  std::vector<std::byte> buffer_;
  std::span<const std::byte> at_hand_;
  std::uint64_t position_ = 0;
  std::uint64_t end_;
  std::uint16_t sum_ = 0;
};

}  // namespace postern::msg
