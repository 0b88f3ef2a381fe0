// Whether a reader sees anything of a body (mapi-to-mime.md §4.1).
#pragma once

#include <string_view>

namespace postern::mime {

/// Some character is neither a blank of any kind nor a control or format character. UTF-8.
bool is_visible_text(std::string_view text);

/// HTML with visible text, a picture or a link.
bool is_visible_html(std::string_view html);

}  // namespace postern::mime
