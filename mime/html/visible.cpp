#include "mime/html/visible.h"

#include <algorithm>
#include <array>

#include <unicode/uchar.h>

#include "base/text.h"
#include "mime/html/entities.h"
#include "mime/html/tokenizer.h"

namespace postern::mime {
namespace {

bool is_visible(char32_t character) {
  const auto value = static_cast<UChar32>(character);
  const auto type = u_charType(value);
  return u_isUWhiteSpace(value) == 0 && type != U_CONTROL_CHAR && type != U_FORMAT_CHAR;
}

/// Pictures, links, and what stands for itself.
bool shows_itself(const HtmlToken& tag) {
  constexpr std::array<std::string_view, 11> elements{"audio",  "button", "canvas", "embed",
                                                      "iframe", "img",    "input",  "object",
                                                      "svg",    "select", "video"};
  if (std::find(elements.begin(), elements.end(), tag.name) != elements.end()) return true;
  if (tag.name == "a" || tag.name == "area") return tag.attribute("href").has_value();
  const auto style = tag.attribute("style").value_or("");
  return tag.attribute("background").has_value() ||
         lower_case(style).find("url(") != std::string::npos;
}

}  // namespace

bool is_visible_text(std::string_view text) {
  while (!text.empty()) {
    const auto character = take_character(text);
    if (!character) return true;  // not UTF-8: a reader sees a replacement
    if (is_visible(*character)) return true;
  }
  return false;
}

bool is_visible_html(std::string_view html) {
  HtmlTokenizer tokens(html);
  for (HtmlToken token; tokens.next(token);) {
    if (token.kind == HtmlToken::Kind::start_tag && shows_itself(token)) return true;
    if (token.kind == HtmlToken::Kind::text && is_visible_text(decode_entities(token.content))) {
      return true;
    }
  }
  return false;
}

}  // namespace postern::mime
