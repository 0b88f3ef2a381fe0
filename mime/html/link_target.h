// Whether a rendering shows a link's target (mapi-to-mime.md §§4.1, 4.4).
#pragma once

#include <string_view>

namespace postern::mime {

/// Whether a reader of `text` needs the target beside it: not for anchors within the document and
/// scripts, nor if the text is the target, with or without "mailto:", "http://" and a last slash.
bool is_target_worth_showing(std::string_view text, std::string_view target);

/// Whether HTML that we make may link to the target: its scheme is http, https, mailto, ftp, file
/// or cid, and no control character is in it.
bool is_safe_target(std::string_view target);

}  // namespace postern::mime
