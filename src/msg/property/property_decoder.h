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

struct DecodedProperty {
  /// nullopt: a stream is absent, or the type has no value (objects, null).
  std::optional<mapi::PropertyValue> value;
  bool is_mended = false;  ///< an unpaired surrogate became U+FFFD
};

/// STRING8 values stay octets, in a string or a list of them, without NULs at the end; HTML in
/// STRING8 is Binary. Throws FormatError for an unknown type or a value that is too short for its
/// type, and what `read` throws.
DecodedProperty decode_property(const StoredProperty& property, const ReadStream& read);

}  // namespace postern::msg
