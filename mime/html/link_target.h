// When a link's text already tells where it leads (for plain-text renderings, mapi-to-mime.md
// §4.1).
#pragma once

#include <string_view>

namespace postern::mime {

/// Whether a reader of `text` needs the target beside it: not for anchors within the document and
/// scripts, nor where the text is the target, give or take "mailto:", "http://" and a last slash.
bool is_target_worth_showing(std::string_view text, std::string_view target);

}  // namespace postern::mime
