#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/octet_set.h"

namespace postern {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
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
  // Eight words a step, for messages of any size.
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  std::array<std::uint64_t, 8> block{};
  for (; text.size() >= sizeof block; text.remove_prefix(sizeof block)) {
    std::memcpy(block.data(), text.data(), sizeof block);
    std::uint64_t all = 0;
    for (const std::uint64_t word : block) all |= word;
    if ((all & high_bits) != 0) return false;
  }
  for (std::uint64_t word = 0; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
    std::memcpy(&word, text.data(), sizeof word);
    if ((word & high_bits) != 0) return false;
  }
  return std::none_of(text.begin(), text.end(), is_high);
}

bool is_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  while (!text.empty()) {
    if (!is_high(text.front())) {
      text.remove_prefix(1);
    } else if (!take_character(text)) {
      return false;
    }
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
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::string upper_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), upper);
  return result;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trim(std::string_view text) {
  static constexpr OctetSet blanks(" \t\r\n");
  while (!text.empty() && blanks.contains(text.front())) text.remove_prefix(1);
  while (!text.empty() && blanks.contains(text.back())) text.remove_suffix(1);
  return text;
}

void append_hex(std::string& out, char octet) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(octet);
  out += digits[value >> 4U];
  out += digits[value & 0xFU];
}

}  // namespace postern
