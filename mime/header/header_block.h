// The header block at the top of a stored MIME entity or of PR_TRANSPORT_MESSAGE_HEADERS.
//
// A small parser for two purposes (signed entities, the sender's address of a received message): it
// unfolds, knows no syntax inside values, and accepts any octets in them but line ends.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/header_field.h"

namespace postern::mime {

struct HeaderBlock {
  std::vector<HeaderField> fields;         ///< lines that are no header are left out
  std::optional<std::size_t> body_offset;  ///< after the blank line; nullopt if there is none
};
HeaderBlock parse_header_block(std::string_view text);

/// A field's body as one line, without blanks at its ends.
std::string unfolded(std::string_view body);

/// Whether the field describes content: those that do not mean nothing in a part (RFC 2046 §5.1).
bool is_content_field(std::string_view name);

/// The first field of that name, compared without case; nullptr if there is none.
const HeaderField* find_field(const HeaderBlock& block, std::string_view name);

}  // namespace postern::mime
