#include "msg/property/string_code_page.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "mapi/code_page.h"
#include "mapi/property_tags.h"
#include "msg/compound/little_endian.h"

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

// PR_RTF_COMPRESSED, §4.2. Only the beginning of the text is wanted here.
constexpr std::size_t header_size = 16;
constexpr std::size_t header_container = 8;
constexpr std::uint32_t uncompressed = 0x414C454D;
constexpr std::uint32_t compressed_lzfu = 0x75465A4C;
constexpr std::size_t beginning = 512;
constexpr std::string_view dictionary_start =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
static_assert(dictionary_start.size() == 207);

/// The first octets of LZFu text. They never fill the dictionary, so that it is a plain string: the
/// prefix every file starts with, followed by the text so far.
std::string decompress_beginning(std::span<const std::byte> octets) {
  std::string text(dictionary_start);
  std::size_t at = 0;
  while (at < octets.size() && text.size() < dictionary_start.size() + beginning) {
    const auto control = std::to_integer<unsigned>(octets[at++]);
    for (unsigned bit = 0; bit < 8 && at < octets.size(); ++bit) {
      if ((control >> bit & 1U) == 0) {
        text += static_cast<char>(octets[at++]);
        continue;
      }
      if (at + 2 > octets.size()) return text.substr(dictionary_start.size());
      const auto run =
          std::to_integer<unsigned>(octets[at]) << 8U | std::to_integer<unsigned>(octets[at + 1]);
      at += 2;
      std::size_t from = run >> 4U;
      if (from >= text.size()) return text.substr(dictionary_start.size());
      for (std::size_t left = (run & 0xFU) + 2; left > 0; --left) text += text[from++];
    }
  }
  return text.substr(dictionary_start.size());
}

std::string beginning_of_rtf(std::span<const std::byte> compressed) {
  if (compressed.size() < header_size) return {};
  const auto container = load<std::uint32_t>(compressed, header_container);
  const auto content = compressed.subspan(header_size);
  if (container == compressed_lzfu) return decompress_beginning(content);
  if (container != uncompressed) return {};
  const auto size = std::min(beginning, content.size());
  return {reinterpret_cast<const char*>(content.data()), size};
}

}  // namespace

std::optional<int> rtf_code_page(std::span<const std::byte> compressed) {
  constexpr std::string_view control_word = "\\ansicpg";
  const auto rtf = beginning_of_rtf(compressed);
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
