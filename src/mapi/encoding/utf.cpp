#include "mapi/utf.h"

#include <cstdint>
#include <vector>

#include <unicode/utf16.h>
#include <unicode/utf8.h>

namespace postern::mapi {
namespace {

constexpr char32_t replacement_character = 0xFFFD;

char16_t unit_at(std::span<const std::byte> octets, std::size_t index) {
  return static_cast<char16_t>(std::to_integer<unsigned>(octets[2 * index]) |
                               std::to_integer<unsigned>(octets[2 * index + 1]) << 8U);
}

void append_utf16le(std::vector<std::byte>& octets, UChar32 character) {
  char16_t units[U16_MAX_LENGTH];
  std::int32_t length = 0;
  U16_APPEND_UNSAFE(units, length, character);
  for (std::int32_t i = 0; i < length; ++i) {
    octets.push_back(static_cast<std::byte>(units[i] & 0xFFU));
    octets.push_back(static_cast<std::byte>(units[i] >> 8U));
  }
}

/// Calls `use` with each character of the text; -1 for a malformed one.
template <class Use>
void for_each_character(std::string_view text, Use use) {
  const auto* octets = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int64_t>(text.size());
  for (std::int64_t i = 0; i < length;) {
    UChar32 character = 0;
    U8_NEXT(octets, i, length, character);
    use(character);
  }
}

}  // namespace

void append_utf8(std::string& text, char32_t character) {
  std::uint8_t buffer[U8_MAX_LENGTH];
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(buffer, length, static_cast<UChar32>(character));
  text.append(reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(length));
}

std::string from_utf16le(std::span<const std::byte> octets) {
  const std::size_t units = octets.size() / 2;
  std::string text;
  text.reserve(units);
  for (std::size_t i = 0; i < units; ++i) {
    const char16_t unit = unit_at(octets, i);
    if (unit < 0x80) {
      text += static_cast<char>(unit);
    } else if (!U16_IS_SURROGATE(unit)) {
      append_utf8(text, unit);
    } else if (U16_IS_SURROGATE_LEAD(unit) && i + 1 < units &&
               U16_IS_TRAIL(unit_at(octets, i + 1))) {
      append_utf8(text, static_cast<char32_t>(U16_GET_SUPPLEMENTARY(unit, unit_at(octets, i + 1))));
      ++i;
    } else {
      append_utf8(text, replacement_character);
    }
  }
  return text;
}

std::vector<std::byte> to_utf16le(std::string_view text) {
  std::vector<std::byte> octets;
  octets.reserve(text.size() * 2);
  for_each_character(text, [&](UChar32 character) {
    append_utf16le(octets, character < 0 ? static_cast<UChar32>(replacement_character) : character);
  });
  return octets;
}

}  // namespace postern::mapi
