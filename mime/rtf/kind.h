// What kind of body an RTF text holds (mapi-to-mime.md §4.3, [MS-OXRTFEX]).
#pragma once

#include <string_view>

namespace postern::mime {

enum class RtfKind {
  encapsulated_html,  ///< \fromhtml1 among the first ten tokens
  encapsulated_text,  ///< \fromtext
  rtf,                ///< true RTF
  invalid,            ///< does not start with {\rtf1
};
RtfKind rtf_kind(std::string_view rtf);

}  // namespace postern::mime
