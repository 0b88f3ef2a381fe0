// Character references of HTML, read and written: the named ones of HTML 4 (and &apos;), decimal
// and hexadecimal ones.
#pragma once

#include <string>
#include <string_view>

namespace postern::mime {

enum class HtmlContext { text, attribute };

/// The text with its references replaced by UTF-8. Unknown names stay as they are. As browsers do:
/// the names of Latin-1 need no semicolon (in attributes only if no "=" or letter follows),
/// &#128; to &#159; mean windows-1252, impossible numbers U+FFFD.
std::string decode_entities(std::string_view html, HtmlContext context = HtmlContext::text);

/// The text as HTML, in an element or between double quotes.
std::string escaped_html(std::string_view text);
void append_escaped_html(std::string& html, char c);

}  // namespace postern::mime
