// Contents derived from other contents without copying them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mapi/content.h"
#include "mime/octets/line_facts.h"

namespace postern::mime {

/// One content behind another.
mapi::Content joined(mapi::Content front, mapi::Content content);

struct CanonicalLines {
  mapi::Content content;
  LineFacts facts;  ///< of the content as it was
};
/// The content with all line ends CRLF (base/line_ends.h). Reads it once for the facts.
CanonicalLines canonical_lines(mapi::Content content);
/// The same where the facts are known.
mapi::Content with_canonical_lines(mapi::Content content, const LineFacts& facts);

/// The first octets of the content, at most `limit`.
std::string first_octets(const mapi::Content& content, std::size_t limit);

}  // namespace postern::mime
