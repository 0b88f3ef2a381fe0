#include "msg/property/string_code_page.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
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

/// Whether 8-bit strings can be in the page; UTF-16 and UTF-7 are known but not of 8 bits.
bool is_octet_page(int page) {
  constexpr int utf16_little_endian = 1200;
  constexpr int utf16_big_endian = 1201;
  constexpr int utf7 = 65000;
  return mapi::is_known_code_page(page) && page != utf16_little_endian &&
         page != utf16_big_endian && page != utf7;
}

struct Candidate {
  int page;
  bool is_declared;  ///< by a property that is about these strings
};

/// In the order of §1.3; the last one fits everything.
std::vector<Candidate> candidates_of(const mapi::PropertyBag& bag, std::optional<int> parent,
                                     std::optional<int> declared) {
  std::vector<Candidate> candidates;
  const auto add = [&](std::optional<int> page, bool is_declared) {
    if (page && is_octet_page(*page)) candidates.push_back({*page, is_declared});
  };
  add(declared, true);
  add(bag.get(mapi::PR_MESSAGE_CODEPAGE), true);
  add(mapi::ansi_code_page(bag.get_or(mapi::PR_MESSAGE_LOCALE_ID, 0)), true);
  if (const auto* rtf = bag.get(mapi::PR_RTF_COMPRESSED)) add(rtf_code_page(*rtf), true);
  const int internet = bag.get_or(mapi::PR_INTERNET_CPID, 0);
  if (is_windows_ansi_page(internet)) add(internet, false);
  add(parent, false);
  add(mapi::code_page_windows_1252, false);
  return candidates;
}

bool fits(const std::vector<std::string_view>& texts, int page) {
  return std::ranges::all_of(texts,
                             [page](const auto text) { return mapi::decode(text, page).clean; });
}

std::string guess(const Candidate& first, int page) {
  const auto read = " read as code page " + std::to_string(page);
  if (first.is_declared) {
    return "its 8-bit texts are not in code page " + std::to_string(first.page) +
           ", which it declares; they are" + read;
  }
  return "nothing says in which code page its 8-bit texts are; they are" + read;
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

StringCodePage string_code_page(const mapi::PropertyBag& bag,
                                const std::vector<std::string_view>& texts,
                                std::optional<int> parent, std::optional<int> declared) {
  const auto candidates = candidates_of(bag, parent, declared);
  std::vector<std::string_view> eight_bit;
  for (const auto text : texts) {
    if (!is_ascii(text)) eight_bit.push_back(text);
  }
  if (eight_bit.empty()) return {candidates.front().page, {}};
  const auto& first = candidates.front();
  if (std::ranges::all_of(eight_bit, is_utf8)) {
    const bool is_said = first.is_declared && first.page == mapi::code_page_utf8;
    return {mapi::code_page_utf8, is_said ? "" : guess(first, mapi::code_page_utf8)};
  }
  for (const auto& candidate : candidates) {
    if (!fits(eight_bit, candidate.page)) continue;
    const bool is_said = candidate.is_declared && candidate.page == first.page;
    return {candidate.page, is_said ? "" : guess(first, candidate.page)};
  }
  return {first.page, {}};  // what becomes U+FFFD is told by whoever decodes
}

}  // namespace postern::msg
