#include "base/percent_encoding.h"

#include <charconv>
#include <optional>
#include <system_error>

#include "base/text.h"

namespace postern {
namespace {

/// The octet of the "%XX" that the text begins with.
std::optional<char> escaped_octet(std::string_view text) {
  constexpr std::size_t length = 3;
  if (text.size() < length || text.front() != '%') return std::nullopt;
  unsigned value = 0;
  const char* const digits = text.data() + 1;
  const auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
  if (error != std::errc{} || end != digits + 2) return std::nullopt;
  return static_cast<char>(value);
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    const auto octet = escaped_octet(text);
    decoded += octet.value_or(text.front());
    text.remove_prefix(octet ? 3 : 1);
  }
  return decoded;
}

bool is_percent_encoded(std::string_view text) {
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (!escaped_octet(text.substr(at))) return false;
  }
  return true;
}

void append_percent_encoded(std::string& out, char octet) {
  out += '%';
  append_hex(out, octet);
}

}  // namespace postern
