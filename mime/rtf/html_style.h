// The formatting of RTF as HTML elements and CSS that mail clients know.
#pragma once

#include <string>

#include "mime/rtf/format.h"
#include "mime/rtf/reader.h"

namespace postern::mime {

/// The tags around a run of text, given that `outer` is in force around them.
struct HtmlTags {
  std::string opening;
  std::string closing;
};
HtmlTags run_tags(const RtfFormat& format, const RtfFormat& outer, const RtfTables& tables);

/// Font, size and colour, as CSS.
std::string text_style(const RtfFormat& format, const RtfTables& tables);

/// `<p style="...">`
std::string paragraph_tag(const RtfParagraph& paragraph);

}  // namespace postern::mime
