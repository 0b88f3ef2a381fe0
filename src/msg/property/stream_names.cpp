#include "msg/property/stream_names.h"

#include <array>
#include <charconv>
#include <cstddef>

#include "base/text.h"

namespace postern::msg {
namespace {

constexpr std::string_view value_prefix = "__substg1.0_";
constexpr std::string_view recipient_prefix = "__recip_version1.0_#";
constexpr std::string_view attachment_prefix = "__attach_version1.0_#";
constexpr std::size_t tag_digits = 8;

std::string upper_hex(std::uint32_t number) {
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number, 16).ptr;
  const auto text = upper_case({digits.data(), static_cast<std::size_t>(end - digits.data())});
  return std::string(tag_digits - text.size(), '0') + text;
}

/// Up to eight digits only.
std::optional<std::uint32_t> parse_hex(std::string_view digits) {
  std::uint32_t number = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, 16);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

bool starts_with(std::string_view name, std::string_view prefix) {
  return equals_ignoring_case(name.substr(0, prefix.size()), prefix);
}

std::string_view prefix_of(RowKind kind) {
  return kind == RowKind::recipient ? recipient_prefix : attachment_prefix;
}

}  // namespace

std::string name_of(const ValueStreamName& stream) {
  std::string name(value_prefix);
  name += upper_hex(std::uint32_t{stream.id} << 16U | stream.type);
  if (stream.element) name += '-' + upper_hex(*stream.element);
  return name;
}

std::optional<ValueStreamName> parse_value_stream_name(std::string_view name) {
  if (!starts_with(name, value_prefix)) return std::nullopt;
  name.remove_prefix(value_prefix.size());
  if (name.size() < tag_digits) return std::nullopt;
  const auto tag = parse_hex(name.substr(0, tag_digits));
  if (!tag) return std::nullopt;
  ValueStreamName parsed{static_cast<std::uint16_t>(*tag >> 16U),
                         static_cast<std::uint16_t>(*tag & 0xFFFFU), std::nullopt};
  name.remove_prefix(tag_digits);
  if (name.empty()) return parsed;
  if (name.front() != '-') return std::nullopt;
  parsed.element = parse_hex(name.substr(1));
  if (!parsed.element) return std::nullopt;
  return parsed;
}

std::string row_storage_name(RowKind kind, std::uint32_t number) {
  return std::string(prefix_of(kind)) + upper_hex(number);
}

std::optional<std::uint32_t> parse_row_storage_name(RowKind kind, std::string_view name) {
  const auto prefix = prefix_of(kind);
  if (!starts_with(name, prefix)) return std::nullopt;
  return parse_hex(name.substr(prefix.size()));
}

}  // namespace postern::msg
