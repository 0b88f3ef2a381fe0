#include "msg/property/string_code_page.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "mapi/code_page.h"
#include "mapi/compressed_rtf.h"
#include "mapi/property_tags.h"

namespace postern::msg {
namespace {

constexpr std::array windows_ansi_pages{1250, 1251, 1252, 1253, 1254, 1255, 1256,
                                        1257, 1258, 874,  932,  936,  949,  950};

bool is_windows_ansi_page(int page) {
  return std::find(windows_ansi_pages.begin(), windows_ansi_pages.end(), page) !=
         windows_ansi_pages.end();
}

/// Whether 8-bit strings can be in the page; UTF-16 is known but not of 8 bits.
bool is_octet_page(int page) {
  constexpr int utf16_little_endian = 1200;
  constexpr int utf16_big_endian = 1201;
  return mapi::is_known_code_page(page) && page != utf16_little_endian && page != utf16_big_endian;
}

}  // namespace

std::optional<int> rtf_code_page(std::span<const std::byte> compressed) {
  constexpr std::string_view control_word = "\\ansicpg";
  constexpr std::size_t header = 512;  // where the page stands, if it is said at all
  const auto rtf = mapi::beginning_of_rtf(compressed, header);
  const auto found = rtf.find(control_word);
  if (found == std::string::npos) return std::nullopt;
  const char* const digits = rtf.data() + found + control_word.size();
  int page = 0;
  const auto [end, error] = std::from_chars(digits, rtf.data() + rtf.size(), page);
  if (error != std::errc{}) return std::nullopt;
  return page;
}

int string_code_page(const mapi::PropertyBag& bag) {
  if (const auto page = bag.get(mapi::PR_MESSAGE_CODEPAGE); page && is_octet_page(*page)) {
    return *page;
  }
  if (const auto locale = bag.get(mapi::PR_MESSAGE_LOCALE_ID)) {
    return mapi::ansi_code_page(*locale);
  }
  if (const auto* rtf = bag.get(mapi::PR_RTF_COMPRESSED)) {
    if (const auto page = rtf_code_page(*rtf); page && is_octet_page(*page)) return *page;
  }
  if (const auto page = bag.get(mapi::PR_INTERNET_CPID); page && is_windows_ansi_page(*page)) {
    return *page;
  }
  return mapi::code_page_windows_1252;
}

}  // namespace postern::msg
