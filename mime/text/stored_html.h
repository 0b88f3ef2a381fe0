// The text of PR_HTML, whose octets may be in another code page than any property says
// (mapi-to-mime.md §4.5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mapi/loss.h"

namespace postern::mime {

struct DecodedHtml {
  std::string text;                ///< UTF-8
  std::optional<mapi::Loss> loss;  ///< if it goes against what is declared, or something was lost
};

/// By evidence first: a byte order mark, UTF-16's zero octets, valid UTF-8, a meta element's
/// multi-octet charset that fits; then PR_INTERNET_CPID and a single-octet meta if they fit, then
/// 1252.
DecodedHtml decode_html(std::string_view octets, int internet_code_page);

}  // namespace postern::mime
