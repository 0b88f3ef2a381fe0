#include "mime/rtf/fonts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mapi/code_page.h"

namespace postern::mime {
namespace {

struct CharsetPage {
  int charset;
  int code_page;
};
// 1 (default) and 2 (symbol) mean the document's page. 0 (ANSI) does not: real files mean Western.
constexpr std::array charset_pages{
    CharsetPage{0, 1252},   CharsetPage{77, 10000}, CharsetPage{128, 932},  CharsetPage{129, 949},
    CharsetPage{130, 1361}, CharsetPage{134, 936},  CharsetPage{136, 950},  CharsetPage{161, 1253},
    CharsetPage{162, 1254}, CharsetPage{163, 1258}, CharsetPage{177, 1255}, CharsetPage{178, 1256},
    CharsetPage{186, 1257}, CharsetPage{204, 1251}, CharsetPage{222, 874},  CharsetPage{238, 1250},
    CharsetPage{254, 437},  CharsetPage{255, 850},
};
constexpr int symbol_charset = 2;

/// A page that octets of RTF can be in: known, and not one of 16-bit units.
bool is_usable(int code_page) {
  return code_page != 1200 && code_page != 1201 && mapi::is_known_code_page(code_page);
}

}  // namespace

void RtfFonts::set_ansi_code_page(int code_page) {
  if (is_usable(code_page)) ansi_code_page_ = code_page;
}

void RtfFonts::set_platform(int code_page) {
  platform_ = code_page;
}

void RtfFonts::start_font(int font) {
  end_name();
  described_ = font;
  is_named_ = false;
}

void RtfFonts::append_name(std::string_view octets) {
  constexpr std::size_t longest = 64;
  if (is_named_) return;
  const auto end = octets.find(';');
  name_ += octets.substr(0, std::min(end, longest - name_.size()));
  if (end != std::string_view::npos) end_name();
}

/// At the semicolon, which the last font may lack.
void RtfFonts::end_name() {
  if (!std::exchange(is_named_, true)) {
    fonts_[described_].name = mapi::decode(name_, code_page(described_)).text;
  }
  name_.clear();
}

void RtfFonts::set_charset(int charset) {
  fonts_[described_].charset = charset;
}

void RtfFonts::set_code_page(int code_page) {
  if (is_usable(code_page)) fonts_[described_].code_page = code_page;
}

int RtfFonts::default_code_page() const {
  return ansi_code_page_.value_or(platform_);
}

int RtfFonts::code_page(int font) const {
  const auto found = fonts_.find(font);
  if (found == fonts_.end()) return default_code_page();
  if (found->second.code_page) return *found->second.code_page;
  const auto* const page =
      std::find_if(charset_pages.begin(), charset_pages.end(),
                   [&](const CharsetPage& row) { return row.charset == found->second.charset; });
  return page == charset_pages.end() ? default_code_page() : page->code_page;
}

bool RtfFonts::is_symbol(int font) const {
  const auto found = fonts_.find(font);
  return found != fonts_.end() && found->second.charset == symbol_charset;
}

std::string_view RtfFonts::name(int font) const {
  const auto found = fonts_.find(font);
  return found == fonts_.end() ? std::string_view() : found->second.name;
}

}  // namespace postern::mime
