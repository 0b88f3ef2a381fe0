// Contents derived from other contents without copying them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mapi/content.h"

namespace postern::mime {

/// The content with octets before it.
mapi::Content joined(std::string_view front, mapi::Content content);

/// The result of reading a content once.
struct LineFacts {
  std::uint64_t size = 0;  ///< with CRLF line ends
  std::uint64_t longest_line = 0;
  bool has_8bit = false;
  bool has_nul = false;
  bool is_last_line_open = false;  ///< its line end is none of the content
};

struct CanonicalLines {
  mapi::Content content;
  LineFacts facts;
};
/// The content with all line ends CRLF (base/line_ends.h). Reads it once for the facts.
CanonicalLines canonical_lines(mapi::Content content);

/// The first octets of the content, at most `limit`.
std::string first_octets(const mapi::Content& content, std::size_t limit);

}  // namespace postern::mime
