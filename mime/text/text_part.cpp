#include "mime/text/text_part.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "mapi/code_page.h"
#include "mapi/utf.h"
#include "mime/html/html.h"
#include "mime/octets/content_view.h"

namespace postern::mime {

std::unique_ptr<Entity> text_entity(std::string_view media_type, SharedText text) {
  auto facts = line_facts(text);
  if (facts.has_8bit && !is_utf8(text)) {
    text = mapi::from_utf16le(mapi::to_utf16le(text));
    facts = line_facts(text);
  }
  const int page = facts.has_8bit ? mapi::code_page_utf8 : mapi::code_page_us_ascii;
  std::string type(media_type);
  type.append("; charset=\"").append(mapi::charset_name(page)) += '"';
  return Entity::leaf(type, with_canonical_lines(text.content(), facts), text_encoding(facts));
}

/// us-ascii is part of UTF-8, so that the meta element is right for both.
std::unique_ptr<Entity> html_entity(std::string_view html) {
  return text_entity("text/html",
                     with_meta_charset(html, mapi::charset_name(mapi::code_page_utf8)));
}

}  // namespace postern::mime
