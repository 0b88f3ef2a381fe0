// The fields of a header block (RFC 5322 §2.2), one after the other.
#pragma once

#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

/// A field as it stands in its block; views of that.
struct HeaderFieldView {
  std::string_view octets;  ///< with its continuation lines and their ends
  std::string_view name;    ///< up to the colon, without blanks at its end; empty if there is none
  std::string_view body;    ///< after the colon, with all line ends

  /// It is the empty line that ends a header.
  [[nodiscard]] bool is_empty_line() const { return octets == "\r\n" || octets == "\n"; }
};

/// Takes the first field, or the empty line, off a block that is not empty. Lines end with LF or
/// CRLF. A line that is no field is taken like one, with the lines that would continue it.
HeaderFieldView take_header_field(std::string_view& block);

}  // namespace postern
#pragma GCC visibility pop
