// Windows code pages: 8-bit text to UTF-8 and back, and their names in MIME.
//
// The table is that of mapi-to-mime.md §4.5. ICU converts, or iconv if ICU lacks the page.
//
// Text that cannot be converted shows in the result; mapi::Failure(MAPI_E_CALL_FAILED) is thrown
// only if the installed ICU lacks a converter it must have. May be used from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace postern::mapi {

inline constexpr int code_page_utf8 = 65001;
inline constexpr int code_page_windows_1252 = 1252;
inline constexpr int code_page_us_ascii = 20127;

/// Whether the page can be decoded here.
bool is_known_code_page(int code_page);

/// False: an octet below 0x80 at the start of a text need not be that ASCII character, since the
/// page shifts states or has wider units.
bool is_ascii_superset(int code_page);

struct Decoded {
  std::string text;   ///< UTF-8
  bool clean = true;  ///< false: something became U+FFFD
};
/// Undecodable octets become U+FFFD, except that 0x80-0x9F undefined in 125x map to the same code
/// point (§1.3; still clean). A malformed or cut-off sequence is one U+FFFD. An unknown page is
/// decoded as windows-1252. Takes linear time.
Decoded decode(std::span<const std::byte> octets, int code_page);
Decoded decode(std::string_view octets, int code_page);

/// The text in the code page; nullopt if it is no UTF-8 or the page lacks one of its characters.
std::optional<std::string> encode(std::string_view text, int code_page);

/// The name for a charset parameter ("windows-1252"), empty for pages that have none or may not be
/// sent.
std::string_view charset_name(int code_page);
/// The page of a charset name, compared without case and with common aliases; nullopt if unknown.
std::optional<int> code_page_of(std::string_view charset_name);

/// The ANSI code page of a locale id, by its language where the sublanguage is not known (§1.3
/// step 2); 1252 for languages not listed. nullopt: the id names no language.
std::optional<int> ansi_code_page(int locale_id);

}  // namespace postern::mapi
#pragma GCC visibility pop
