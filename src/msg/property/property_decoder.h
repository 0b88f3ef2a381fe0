// Decodes a stored property (mapi-to-mime.md §1.2).
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "msg/property/stored_properties.h"
#include "msg/property/value_decoder.h"

namespace postern::msg {

/// Returns the octets of a stream; may throw FormatError.
using ReadStream = std::function<std::vector<std::byte>(const DirectoryEntry&)>;

/// decode_value of its octets; no value if a stream is absent. Throws FormatError for an unknown
/// type or a value that is too short for its type, and what `read` throws.
DecodedProperty decode_property(const StoredProperty& property, const ReadStream& read);

}  // namespace postern::msg
