// The value of a Content-Type or Content-Transfer-Encoding field (RFC 2045 §5.1, §6.1), parsed as
// mail readers do: folding, comments, case and quotes are ignored, malformed parts are skipped, and
// of a parameter given twice the first counts.
#pragma once

#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

struct MediaType {
  std::string type;      ///< lower case; may be empty in a malformed field
  std::string subtype;   ///< lower case; likewise
  std::string boundary;  ///< of a multipart; empty: there is none

  [[nodiscard]] bool is(std::string_view wanted_type, std::string_view wanted_subtype) const {
    return type == wanted_type && subtype == wanted_subtype;
  }
};

MediaType parse_media_type(std::string_view field_body);
/// The first token of a field in lower case, such as the name of a transfer encoding.
std::string parse_token(std::string_view field_body);

}  // namespace postern
#pragma GCC visibility pop
