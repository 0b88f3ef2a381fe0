#include "msg/property/property_decoder.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "msg/compound/format_error.h"

namespace postern::msg {
namespace {

using mapi::PropertyType;
using Elements = std::vector<mapi::Binary>;

/// nullopt: a stream is absent.
std::optional<Elements> octets_of(const StoredProperty& property, const ReadStream& read) {
  const bool is_list = (property.type & mapi::multi_valued_flag) != 0;
  const bool is_fixed = fixed_size(property.type).has_value();
  // GUIDs alone of the fixed-size types do not fit into the entry.
  const bool is_in_entry =
      is_fixed && !is_list && property.type != static_cast<std::uint16_t>(PropertyType::guid);
  Elements elements;
  if (is_in_entry) {
    if (!property.value) return std::nullopt;
    elements.emplace_back(property.value->begin(), property.value->end());
  } else if (is_list && !is_fixed) {
    // The elements that are there count, not the number the stream of their lengths gives.
    if (property.stream == nullptr && property.elements.empty()) return std::nullopt;
    for (const auto* element : property.elements) elements.push_back(read(*element));
  } else {
    if (property.stream == nullptr) return std::nullopt;
    elements.push_back(read(*property.stream));
  }
  return elements;
}

}  // namespace

DecodedProperty decode_property(const StoredProperty& property, const ReadStream& read) {
  constexpr std::uint16_t null_type = 0x0001;
  const bool no_value = property.type == 0 || property.type == null_type ||
                        property.type == static_cast<std::uint16_t>(PropertyType::object);
  if (no_value) return {};
  if (!is_decodable(property.type)) throw FormatError("its type is unknown");
  auto elements = octets_of(property, read);
  if (!elements) return {};
  return decode_value(property.id, property.type, *std::move(elements));
}

}  // namespace postern::msg
