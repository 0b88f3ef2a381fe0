// The content of an RTF body: encapsulated HTML, encapsulated text, or the text of true RTF
// (mapi-to-mime.md §§4.3, 4.4, [MS-OXRTFEX]).
#pragma once

#include <string>
#include <string_view>

#include "mime/rtf/kind.h"

namespace postern::mime {

/// The HTML of an encapsulating RTF, UTF-8, with its own charset declaration as it was.
std::string html_from_rtf(std::string_view rtf);

/// The text of \fromtext RTF or of true RTF, UTF-8, lines ended by CRLF.
std::string text_from_rtf(std::string_view rtf);

}  // namespace postern::mime
