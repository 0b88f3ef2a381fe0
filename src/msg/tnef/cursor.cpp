#include "msg/tnef/cursor.h"

#include <algorithm>
#include <numeric>

#include "msg/compound/format_error.h"

namespace postern::msg {
namespace {

constexpr std::size_t block_size = 65'536;
constexpr std::uint64_t largest_octets = std::uint64_t{256} << 20;

}  // namespace

Cursor::Cursor(const mapi::Content& content)
    : reader_(content.open()), buffer_(block_size), end_(content.size()) {}

void Cursor::require(std::uint64_t size) const {
  if (size > left()) throw FormatError("it is cut short");
}

std::span<const std::byte> Cursor::next(std::uint64_t size) {
  if (at_hand_.empty()) {
    at_hand_ = std::span(buffer_).first(reader_->read(buffer_));
    if (at_hand_.empty()) throw FormatError("it is cut short");
  }
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, at_hand_.size()));
  const auto octets = at_hand_.first(count);
  at_hand_ = at_hand_.subspan(count);
  position_ += count;
  sum_ =
      std::accumulate(octets.begin(), octets.end(), sum_, [](std::uint16_t sum, std::byte octet) {
        return static_cast<std::uint16_t>(sum + std::to_integer<unsigned>(octet));
      });
  return octets;
}

void Cursor::take_into(std::span<std::byte> into) {
  require(into.size());
  while (!into.empty()) {
    const auto octets = next(into.size());
    std::copy(octets.begin(), octets.end(), into.begin());
    into = into.subspan(octets.size());
  }
}

std::vector<std::byte> Cursor::take(std::uint64_t size) {
  require(size);
  if (size > largest_octets) throw TooComplex("one of its values is larger than 256 MiB");
  std::vector<std::byte> octets(static_cast<std::size_t>(size));
  take_into(octets);
  return octets;
}

void Cursor::skip(std::uint64_t size) {
  require(size);
  while (size > 0) size -= next(size).size();
}

std::uint64_t Cursor::enter(std::uint64_t length) {
  require(length);
  const auto outer_end = end_;
  end_ = position_ + length;
  return outer_end;
}

void Cursor::leave(std::uint64_t outer_end) {
  skip(left());
  end_ = outer_end;
}

}  // namespace postern::msg
