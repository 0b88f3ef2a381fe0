// Encodes text as header values (RFC 2047, RFC 5322; mapi-to-mime.md §3.2).
//
// Every function here returns printable ASCII without line ends; lines are folded only when the
// header is written (`fold`). Text is UTF-8; invalid UTF-8 becomes U+FFFD.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::mime {

/// The limit of RFC 2047 §2 for header lines with encoded words.
inline constexpr std::size_t header_line_size = 76;

/// The text on one line, valid UTF-8: a run of control characters becomes one blank, those at the
/// ends are removed.
std::string one_line(std::string_view text);

/// Unstructured text, e.g. of a Subject. `used`: the octets before it on the line.
std::string encode_unstructured(std::string_view text, std::size_t used);

/// A phrase, e.g. a display name: words, a quoted string, or encoded words; trimmed.
std::string encode_phrase(std::string_view text, std::size_t used);

/// Encoded words (RFC 2047 §4) in UTF-8, B or Q, whichever is shorter, separated by blanks.
std::string encoded_words(std::string_view text, std::size_t used);

/// The text in quotation marks, `"` and `\` escaped. For printable ASCII.
std::string quoted_string(std::string_view text);

/// "Name: value" with CRLF, folded before blanks, outside of quoted strings if possible.
std::string fold(std::string_view name, std::string_view value);
void append_folded(std::string& block, std::string_view name, std::string_view value);

/// Whether the text can be the name of a header (RFC 5322 §2.2) and fits on a line.
bool is_header_name(std::string_view text);

/// Only printable ASCII, blanks included.
bool is_printable_ascii(std::string_view text);

}  // namespace postern::mime
