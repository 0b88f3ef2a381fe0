// The media type of an attachment: from PR_ATTACH_MIME_TAG, the file name, or the first octets
// (mapi-to-mime.md §6.2).
#pragma once

#include <string>
#include <string_view>

namespace postern::mime {

inline constexpr std::string_view octet_stream = "application/octet-stream";

/// The type an attachment may be sent as for its MIME tag: without parameters, in lower case.
/// octet_stream for malformed tags and for types that would be misread as structure (multipart/*,
/// message/rfc822 …); empty for an absent tag.
std::string acceptable_media_type(std::string_view mime_tag);

/// The type for a file name's extension, or what the content begins with; octet_stream otherwise.
std::string_view guess_media_type(std::string_view file_name, std::string_view first_octets);

/// The type of what the content begins with; octet_stream if it is not known.
std::string_view media_type_of_content(std::string_view first_octets);

/// ".png" for image/png; empty for types not in the table.
std::string_view extension_of(std::string_view media_type);

/// Types whose content is text that must not be encoded: sent as they are when 7bit-clean.
bool is_seven_bit_type(std::string_view media_type);

}  // namespace postern::mime
