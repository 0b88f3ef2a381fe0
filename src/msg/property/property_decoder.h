// Decodes a stored property: every type of mapi-to-mime.md §1.2, strings by §1.3.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "mapi/property_type.h"
#include "msg/property/stored_properties.h"

namespace postern::msg {

/// Returns the octets of a stream; may throw FormatError.
using ReadStream = std::function<std::vector<std::byte>(const DirectoryEntry&)>;

/// The value; nullopt if a stream is absent, or the type has no value (objects, null). STRING8 is
/// decoded with `code_page`; HTML in STRING8 stays as it is (Binary). Throws FormatError for an
/// unknown type or a value that is too short for its type, and what `read` throws.
std::optional<mapi::PropertyValue> decode_property(const StoredProperty& property, int code_page,
                                                   const ReadStream& read);

}  // namespace postern::msg
