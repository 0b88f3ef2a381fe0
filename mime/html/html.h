// What composing needs of HTML: its charset declaration, a plain-text rendering for the alternative
// part (mapi-to-mime.md §§4.1, 4.5), and how to say something more in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::mime {

/// The charset of a <meta> element (either form), as written; looks at the first 4 KiB only.
std::optional<std::string> meta_charset(std::string_view html);

/// The same HTML with the charset of its <meta> element replaced; unchanged if there is none.
std::string with_meta_charset(std::string_view html, std::string_view charset);

/// Plain text: blocks and breaks become CRLF, lists get "* ", links keep their URL in <> if it
/// differs from the text; script, style and comments are removed, entities decoded. UTF-8.
std::string text_from_html(std::string_view html);

/// The HTML with lines of text (CRLF) after all that it shows.
std::string with_lines(std::string_view html, std::string_view lines);

}  // namespace postern::mime
