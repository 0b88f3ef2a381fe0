// Fields of RTF, of which only hyperlinks mean something here (mapi-to-mime.md §4.4).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::mime {

/// The URL of `HYPERLINK [switches] "url"`, with the place in it that \l names; empty for other
/// fields and for links within the text.
std::string hyperlink_target(std::string_view instruction);

/// Instructions are kept up to this size: no URL that is longer is followed anywhere.
inline constexpr std::size_t longest_instruction = 8192;

}  // namespace postern::mime
