// What was encoded for transfer, decoded (RFC 2045 §6): of short contents that are held in memory.
#pragma once

#include <string>
#include <string_view>

#include "base/mime/header.h"

namespace postern::mime {

/// The content without its encoding; one in an unknown encoding, and octets that are no quoted
/// printable, stay as they are. Of base64 the octets before the first damage.
std::string decoded(std::string_view octets, ContentTransferEncoding encoding);

}  // namespace postern::mime
