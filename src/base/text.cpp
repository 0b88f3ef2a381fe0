#include "base/text.h"

#include <algorithm>

namespace postern {
namespace {

bool is_control(char octet) {
  const auto value = static_cast<unsigned char>(octet);
  return value < 0x20 || value == 0x7F;
}

}  // namespace

std::optional<char32_t> take_character(std::string_view& text) {
  struct Form {
    unsigned char mask, lead;
    std::size_t length;
    char32_t least;
  };
  static constexpr Form forms[] = {{0x80, 0x00, 1, 0x0},
                                   {0xE0, 0xC0, 2, 0x80},
                                   {0xF0, 0xE0, 3, 0x800},
                                   {0xF8, 0xF0, 4, 0x10000}};
  const auto lead = static_cast<unsigned char>(text.front());
  for (const Form& form : forms) {
    if ((lead & form.mask) != form.lead) continue;
    if (text.size() < form.length) return std::nullopt;
    char32_t value = lead & static_cast<unsigned char>(~form.mask);
    for (std::size_t index = 1; index < form.length; ++index) {
      const auto next = static_cast<unsigned char>(text[index]);
      if ((next & 0xC0) != 0x80) return std::nullopt;
      value = (value << 6) | (next & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < form.least || value > 0x10FFFF || surrogate) return std::nullopt;
    text.remove_prefix(form.length);
    return value;
  }
  return std::nullopt;
}

bool is_ascii(std::string_view text) {
  // Without an early way out, so that many octets are looked at together.
  unsigned all = 0;
  for (const char octet : text) all |= static_cast<unsigned char>(octet);
  return all < 0x80;
}

bool is_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  while (!text.empty()) {
    if (!take_character(text)) return false;
  }
  return true;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

std::string printable(std::string_view line) {
  std::string safe(line);
  // Nearly always the text is printable.
  const bool plain = std::none_of(line.begin(), line.end(),
                                  [](char octet) { return is_control(octet) || is_high(octet); });
  if (plain) return safe;
  const bool utf8 = is_utf8(line);
  for (char& octet : safe) {
    if ((is_control(octet) && octet != '\t') || (!utf8 && is_high(octet))) octet = '?';
  }
  return safe;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& octet : lower) {
    if (octet >= 'A' && octet <= 'Z') octet = static_cast<char>(octet - 'A' + 'a');
  }
  return lower;
}

}  // namespace postern
