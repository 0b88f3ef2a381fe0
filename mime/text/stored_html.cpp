#include "mime/text/stored_html.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "mapi/code_page.h"
#include "mime/html/html.h"

namespace postern::mime {
namespace {

constexpr int utf16_little_endian = 1200;
constexpr int utf16_big_endian = 1201;

/// The code page of a byte order mark, 0 without one.
int page_of_byte_order_mark(std::string_view octets) {
  if (octets.starts_with("\xEF\xBB\xBF")) return mapi::code_page_utf8;
  if (octets.starts_with("\xFF\xFE")) return utf16_little_endian;
  return octets.starts_with("\xFE\xFF") ? utf16_big_endian : 0;
}

/// "<" and what may follow it behind blanks, each in two octets; 0: it is something else.
int page_of_first_tag(std::string_view octets) {
  for (const std::size_t zero : {1U, 0U}) {
    const auto character = [&](std::size_t at) {
      const bool is_there = at + 1 < octets.size() && octets[at + zero] == '\0';
      return is_there ? octets[at + 1 - zero] : '\0';
    };
    std::size_t at = 0;
    while (character(at) == '\r' || character(at) == '\n' || is_blank(character(at))) at += 2;
    const char next = character(at + 2);
    const bool is_name = next == '!' || next == '?' || (next >= 'A' && next <= 'z');
    if (character(at) == '<' && is_name) return zero == 1 ? utf16_little_endian : utf16_big_endian;
  }
  return 0;
}

/// HTML in UTF-16 has a zero octet in most of its units, all of them on one side; 0: it is none.
int page_of_zero_octets(std::string_view octets) {
  constexpr std::size_t looked_at = 4096;
  constexpr std::size_t shortest = 4;
  const auto start = octets.substr(0, std::min(octets.size(), looked_at) / 2 * 2);
  if (start.size() < shortest || start.find('\0') == std::string_view::npos) return 0;
  if (const int page = page_of_first_tag(start); page != 0) return page;
  std::array<std::size_t, 2> zeros{};
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (start[i] == '\0') ++zeros.at(i % 2);
  }
  const auto many = start.size() / 2 / 4;  // a quarter of the units: markup is ASCII
  if (zeros[1] > many && zeros[0] <= zeros[1] / 8) return utf16_little_endian;
  return zeros[0] > many && zeros[1] <= zeros[0] / 8 ? utf16_big_endian : 0;
}

bool is_utf16(int page) {
  return page == utf16_little_endian || page == utf16_big_endian;
}

bool is_multi_octet(int page) {
  constexpr std::array pages{932,   936,   949,   950,   1361,  50220, 50221, 50222,
                             50225, 51932, 51936, 51949, 52936, 54936, 65000, mapi::code_page_utf8};
  return std::ranges::find(pages, page) != pages.end();
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char octet) { return (octet & 0xC0) != 0x80; }));
}

/// The text, if the octets are good in the page.
std::optional<std::string> clean_text(std::string_view octets, int page) {
  if (!mapi::is_known_code_page(page) || is_utf16(page)) return std::nullopt;
  auto decoded = mapi::decode(octets, page);
  return decoded.clean ? std::optional(std::move(decoded.text)) : std::nullopt;
}

/// The text, if there are sequences of several octets and all are good.
std::optional<std::string> multi_octet_text(std::string_view octets, int page) {
  if (!is_multi_octet(page)) return std::nullopt;
  auto text = clean_text(octets, page);
  const bool has_sequence = text && count_characters(*text) < octets.size();
  return has_sequence ? text : std::nullopt;
}

/// Of ISO-2022-JP in 7-bit octets, which fit every other page; 0: there are none.
int page_of_escapes(std::string_view octets) {
  constexpr int iso_2022_jp = 50220;
  if (!is_ascii(octets)) return 0;
  for (const std::string_view escape : {"\x1B$B", "\x1B$@", "\x1B(J"}) {
    if (octets.find(escape) != std::string_view::npos) return iso_2022_jp;
  }
  return 0;
}

struct Found {
  std::string text;
  int page;
  bool is_clean = true;
};

Found by_evidence(std::string_view octets, int internet, int meta) {
  if (const int page = page_of_byte_order_mark(octets); page != 0) {
    auto [text, is_clean] = mapi::decode(octets, page);
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (text.starts_with(mark)) text.erase(0, mark.size());
    return {std::move(text), page, is_clean};
  }
  if (const int page = page_of_zero_octets(octets); page != 0) {
    auto [text, is_clean] = mapi::decode(octets, page);
    return {std::move(text), page, is_clean};
  }
  if (const int page = page_of_escapes(octets); page != 0) {
    if (auto text = clean_text(octets, page)) return {*std::move(text), page};
  }
  if (is_ascii(octets) && mapi::is_ascii_superset(internet) && mapi::is_ascii_superset(meta)) {
    return {std::string(octets), mapi::code_page_us_ascii};
  }
  const bool is_internet_proven = multi_octet_text(octets, internet).has_value();
  for (const int page : {mapi::code_page_utf8, is_internet_proven ? 0 : meta}) {
    if (auto text = multi_octet_text(octets, page)) return {*std::move(text), page};
  }
  for (const int page : {internet, meta}) {
    if (auto text = clean_text(octets, page)) return {*std::move(text), page};
  }
  auto [text, is_clean] = mapi::decode(octets, mapi::code_page_windows_1252);
  return {std::move(text), mapi::code_page_windows_1252, is_clean};
}

std::optional<mapi::Loss> loss_of(const Found& found, int declared) {
  if (!found.is_clean) {
    return mapi::Loss{
        mapi::LossKind::substituted, mapi::body_part,
        "the HTML body holds what cannot be read as characters; U+FFFD stands in its place"};
  }
  if (found.page == declared || is_ascii(found.text)) return std::nullopt;
  if (declared == 0) {
    if (found.page != mapi::code_page_windows_1252) return std::nullopt;  // the octets prove it
    return mapi::Loss{mapi::LossKind::guessed, mapi::body_part,
                      "nothing says in which code page the HTML body is; it is read as code page " +
                          std::to_string(found.page)};
  }
  return mapi::Loss{mapi::LossKind::guessed, mapi::body_part,
                    "the HTML body is not in code page " + std::to_string(declared) +
                        ", as is declared; it is read as code page " + std::to_string(found.page)};
}

}  // namespace

DecodedHtml decode_html(std::string_view octets, int internet_code_page) {
  const int internet = mapi::is_known_code_page(internet_code_page) ? internet_code_page : 0;
  const int meta = mapi::code_page_of(meta_charset(octets).value_or("")).value_or(0);
  auto found = by_evidence(octets, internet, meta);
  auto loss = loss_of(found, internet != 0 ? internet : meta);
  return {std::move(found.text), std::move(loss)};
}

}  // namespace postern::mime
