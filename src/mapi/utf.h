// UTF-8 and UTF-16LE, and the ASCII functions for addresses and keys. None throws anything but
// std::bad_alloc.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace postern::mapi {

/// UTF-16LE octets to UTF-8; an odd last octet is dropped, unpaired surrogates become U+FFFD.
std::string from_utf16le(std::span<const std::byte> octets);

/// UTF-8 to UTF-16LE octets without terminator; invalid UTF-8 becomes U+FFFD.
std::vector<std::byte> to_utf16le(std::string_view text);

bool is_valid_utf8(std::string_view text);
bool is_ascii(std::string_view text);

/// The text with its ASCII letters in lower or upper case.
std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);
bool equals_ignoring_case(std::string_view left, std::string_view right);  ///< ASCII only

/// The text without blanks, tabs and line ends at both ends.
std::string_view trim(std::string_view text);

}  // namespace postern::mapi
#pragma GCC visibility pop
