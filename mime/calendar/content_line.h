// The lines of iCalendar and vCard, which are alike (RFC 5545 §3.1, RFC 2426 §2.6): values escaped,
// parameters quoted, lines folded. What a message brings along never makes a line of its own.
#pragma once

#include <string>
#include <string_view>

namespace postern::mime {

/// A TEXT value: `\`, `;` and `,` escaped, a line end of any kind as `\n`; other control characters
/// are removed, and what is no UTF-8 becomes U+FFFD.
std::string escaped_text(std::string_view text);

/// One line, also for readers that take U+2028 and its like for line ends.
std::string without_line_ends(std::string_view text);

/// A parameter value in quotation marks, without what may not stand there: `"` becomes an
/// apostrophe, control characters are removed.
std::string quoted_parameter(std::string_view text);

/// Appends the line, folded at 75 octets between characters, with CRLF.
void append_content_line(std::string& out, std::string_view line);

}  // namespace postern::mime
