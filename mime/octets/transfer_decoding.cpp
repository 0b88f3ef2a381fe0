#include "mime/octets/transfer_decoding.h"

#include <optional>

#include "base/base64.h"
#include "base/text.h"

namespace postern::mime {
namespace {

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Line ends, and whatever else is no digit, are passed over (RFC 2045 §6.8).
std::string from_base64(std::string_view octets) {
  std::string digits;
  for (const char octet : octets) {
    if (octet == '=') break;
    if (base64_digits.find(octet) != std::string_view::npos) digits += octet;
  }
  if (digits.size() % 4 == 1) digits.pop_back();
  digits.append((4 - digits.size() % 4) % 4, '=');
  return base64_decoded(digits).value_or(std::string());
}

std::optional<int> hex_value(char digit) {
  if (is_digit(digit)) return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return std::nullopt;
}

/// A line without the blanks at its end, which transport has added (RFC 2045 §6.7 (3)).
void append_decoded_line(std::string& out, std::string_view line) {
  line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
  const bool goes_on = line.ends_with('=');
  if (goes_on) line.remove_suffix(1);
  while (!line.empty()) {
    const auto high = line.size() > 2 && line[0] == '=' ? hex_value(line[1]) : std::nullopt;
    const auto low = high ? hex_value(line[2]) : std::nullopt;
    out += low ? static_cast<char>(*high * 16 + *low) : line.front();
    line.remove_prefix(low ? 3 : 1);
  }
  if (!goes_on) out += "\r\n";
}

std::string from_quoted_printable(std::string_view octets) {
  std::string text;
  while (!octets.empty()) {
    const auto end = octets.find('\n');
    append_decoded_line(text, octets.substr(0, end));
    if (end == std::string_view::npos) break;
    octets.remove_prefix(end + 1);
  }
  return text;
}

}  // namespace

std::string decoded(std::string_view octets, ContentTransferEncoding encoding) {
  switch (encoding) {
    case ContentTransferEncoding::base64:
      return from_base64(octets);
    case ContentTransferEncoding::quoted_printable:
      return from_quoted_printable(octets);
    default:
      return std::string(octets);
  }
}

}  // namespace postern::mime
