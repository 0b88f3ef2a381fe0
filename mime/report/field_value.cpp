#include "mime/report/field_value.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/text.h"

namespace postern::mime {
namespace {

/// The octet of "+HH" at the front, with digits in upper case; nullopt if it is none.
std::optional<char> hexchar(std::string_view text) {
  if (text.size() < 3 || text.front() != '+') return std::nullopt;
  const auto digits = text.substr(1, 2);
  if (digits != upper_case(digits)) return std::nullopt;
  std::uint8_t octet = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, octet, 16);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return static_cast<char>(octet);
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto follow = [&out](std::uint32_t bits) {
    out += static_cast<char>(0x80U | (bits & 0x3FU));
  };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0U | (point >> 6U));
    follow(point);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0U | (point >> 12U));
    follow(point >> 6U);
    follow(point);
  } else {
    out += static_cast<char>(0xF0U | (point >> 18U));
    follow(point >> 12U);
    follow(point >> 6U);
    follow(point);
  }
}

/// `\x{HEX}` of RFC 6533 §3 becomes its character; what is no such thing stays.
std::string utf8_address_decoded(std::string_view text) {
  constexpr std::string_view mark = "\\x{";
  constexpr std::size_t most_digits = 6;
  std::string out;
  while (!text.empty()) {
    const auto at = std::min(text.find(mark), text.size());
    out.append(text.substr(0, at));
    text.remove_prefix(at);
    if (text.empty()) break;
    const auto digits = text.substr(mark.size(), most_digits);
    std::uint32_t point = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, point, 16);
    const auto size = mark.size() + static_cast<std::size_t>(stop - digits.data());
    const bool closed = size < text.size() && text[size] == '}';
    if (error != std::errc{} || !closed || point > 0x10FFFF) {
      out.append(mark);
      text.remove_prefix(mark.size());
      continue;
    }
    append_utf8(out, point);
    text.remove_prefix(size + 1);
  }
  return out;
}

}  // namespace

TypedValue typed_value(std::string_view field) {
  const auto semicolon = field.find(';');
  if (semicolon == std::string_view::npos) return {{}, trim(field)};
  const auto type = trim(field.substr(0, semicolon));
  if (type.empty() || type.find_first_of(" \t@<\"(") != std::string_view::npos) {
    return {{}, trim(field)};
  }
  return {lower_case(type), trim(field.substr(semicolon + 1))};
}

std::string without_comments(std::string_view text) {
  std::string out;
  std::size_t depth = 0;
  for (const char octet : text) {
    if (octet == '(') ++depth;
    if (depth == 0) out += octet;
    if (octet == ')' && depth > 0) --depth;
  }
  return std::string(trim(out));
}

std::string recipient_address(std::string_view field) {
  const auto [type, value] = typed_value(field);
  auto address = value;
  if (address.starts_with('<') && address.ends_with('>')) {
    address = address.substr(1, address.size() - 2);
  }
  auto text = xtext_decoded(address);
  if (type == "utf-8") text = utf8_address_decoded(text);
  return printable(text);
}

std::string mta_host(std::string_view field) {
  return printable(without_comments(typed_value(field).value));
}

std::string message_id_in(std::string_view value) {
  const auto open = value.find('<');
  const auto close = value.find('>', open == std::string_view::npos ? value.size() : open);
  if (close != std::string_view::npos) value = value.substr(open, close - open + 1);
  return printable(trim(value));
}

std::string xtext_decoded(std::string_view text) {
  std::string out;
  bool is_certain = false;
  for (auto rest = text; !rest.empty();) {
    const auto octet = hexchar(rest);
    if (!octet && (rest.front() == '+' || rest.front() == '=')) return std::string(text);
    is_certain = is_certain || (octet && (*octet == '+' || *octet == '='));
    out += octet.value_or(rest.front());
    rest.remove_prefix(octet ? 3 : 1);
  }
  return is_certain ? out : std::string(text);
}

}  // namespace postern::mime
