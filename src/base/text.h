// Text functions that several rooms use. None throws anything but std::bad_alloc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

inline bool is_digit(char octet) {
  return octet >= '0' && octet <= '9';
}
/// A space or a tab (WSP of RFC 5234).
inline bool is_blank(char octet) {
  return octet == ' ' || octet == '\t';
}
/// Above 0x7F: no ASCII.
inline bool is_high(char octet) {
  return static_cast<unsigned char>(octet) >= 0x80;
}
/// Whether every octet is below 0x80.
bool is_ascii(std::string_view text);
/// Removes the first character of a non-empty text and returns it. Returns nullopt, and removes
/// nothing, if it is no well-formed UTF-8.
std::optional<char32_t> take_character(std::string_view& text);
/// Whether the text is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool is_utf8(std::string_view text);
/// C0 controls, among them CR, LF and NUL, and DEL.
inline bool is_control(char octet) {
  const auto value = static_cast<unsigned char>(octet);
  return value < 0x20 || value == 0x7F;
}
/// Whether there is a C0 control character or DEL in it.
bool has_control(std::string_view text);
/// One line that is safe to show: controls other than tabs become '?', and so does every octet
/// above 0x7F if the whole is not UTF-8.
std::string printable(std::string_view line);
/// ASCII lower case, for comparing names of the protocol.
std::string lower_case(std::string_view text);
/// ASCII upper case.
std::string upper_case(std::string_view text);
bool equals_ignoring_case(std::string_view left, std::string_view right);  ///< ASCII only
/// The text without blanks, tabs and line ends at both ends.
std::string_view trim(std::string_view text);
/// Appends two hex digits, in upper case.
void append_hex(std::string& out, char octet);

}  // namespace postern
#pragma GCC visibility pop
