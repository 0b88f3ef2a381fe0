#include "mime/text/text_part.h"

#include <string>
#include <utility>

#include "base/line_ends.h"
#include "base/text.h"
#include "mapi/code_page.h"
#include "mapi/utf.h"
#include "mime/html/html.h"

namespace postern::mime {

std::unique_ptr<Entity> text_entity(std::string_view media_type, std::string_view text) {
  auto octets = with_crlf(is_utf8(text) ? text : mapi::from_utf16le(mapi::to_utf16le(text)));
  const int page = is_ascii(octets) ? mapi::code_page_us_ascii : mapi::code_page_utf8;
  const auto encoding = text_encoding(octets);
  return Entity::leaf(
      std::string(media_type) + "; charset=\"" + std::string(mapi::charset_name(page)) + '"',
      mapi::Content::from_text(std::move(octets)), encoding);
}

/// us-ascii is part of UTF-8, so that the meta element is right for both.
std::unique_ptr<Entity> html_entity(std::string_view html) {
  return text_entity("text/html",
                     with_meta_charset(html, mapi::charset_name(mapi::code_page_utf8)));
}

}  // namespace postern::mime
