// Encodes a property's value for a .msg file (mapi-to-mime.md §1.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "mapi/property_type.h"
#include "msg/msg_file.h"

namespace postern::msg {

struct EncodedProperty {
  std::uint16_t type = 0;
  std::uint64_t value = 0;  ///< the value field of the entry
  /// The value stream, for types that have one.
  std::optional<std::vector<std::byte>> stream{};
  /// The streams of a list of strings or binary values.
  std::vector<std::vector<std::byte>> elements{};
};

EncodedProperty encode_property(const mapi::PropertyValue& value, StringType strings);

}  // namespace postern::msg
