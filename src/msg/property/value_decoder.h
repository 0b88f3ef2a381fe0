// Decodes the octets of a property's value, whichever container they come from: every type of
// [MS-OXCDATA] 2.11.1, strings by mapi-to-mime.md §1.3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "mapi/property_type.h"

namespace postern::msg {

struct DecodedProperty {
  /// nullopt: there are no octets, or the type has no value (objects, null).
  std::optional<mapi::PropertyValue> value;
  bool is_mended = false;  ///< an unpaired surrogate became U+FFFD
};

// Types with or without the multi-valued flag:

/// Whether it is STRING8.
bool is_string8(std::uint16_t type);
/// The octets of one value; nullopt: texts and binary values, whose size differs, and unknown
/// types.
std::optional<std::size_t> fixed_size(std::uint16_t type);
/// Whether decode_value knows it.
bool is_decodable(std::uint16_t type);

/// `elements`: of a list of strings or binary values the octets of each; else those of the whole
/// value, so a list of fixed-size ones is back to back in the first. STRING8 values stay octets, in
/// a string or a list of them, without NULs at the end; HTML in STRING8 is Binary. Throws
/// FormatError for an unknown type or a value that is too short for its type.
DecodedProperty decode_value(std::uint16_t id, std::uint16_t type,
                             std::vector<mapi::Binary> elements);

}  // namespace postern::msg
