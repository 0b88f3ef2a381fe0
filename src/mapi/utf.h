// UTF-8 and UTF-16LE. Nothing here throws anything but std::bad_alloc.
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

/// Appends one character, which is neither a surrogate nor above U+10FFFF.
void append_utf8(std::string& text, char32_t character);

/// UTF-8 to UTF-16LE octets without terminator; invalid UTF-8 becomes U+FFFD.
std::vector<std::byte> to_utf16le(std::string_view text);

}  // namespace postern::mapi
#pragma GCC visibility pop
