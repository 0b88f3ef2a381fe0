#include "msg/property/property_decoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "mapi/property_tags.h"
#include "mapi/utf.h"
#include "msg/compound/format_error.h"
#include "msg/compound/little_endian.h"
#include "msg/property/stream_names.h"

namespace postern::msg {
namespace {

using mapi::PropertyType;
using mapi::PropertyValue;
using Octets = std::span<const std::byte>;

constexpr std::uint16_t code(PropertyType type) {
  return static_cast<std::uint16_t>(type);
}

/// How one fixed-size value lies in its octets.
template <class Value>
struct Fixed;
#define POSTERN_FIXED(Value, Raw, expression)        \
  template <>                                        \
  struct Fixed<Value> {                              \
    static constexpr std::size_t size = sizeof(Raw); \
    static Value from(Octets octets) {               \
      const auto raw = load<Raw>(octets);            \
      return expression;                             \
    }                                                \
  }
POSTERN_FIXED(std::int16_t, std::uint16_t, static_cast<std::int16_t>(raw));
POSTERN_FIXED(std::int32_t, std::uint32_t, static_cast<std::int32_t>(raw));
POSTERN_FIXED(std::int64_t, std::uint64_t, static_cast<std::int64_t>(raw));
POSTERN_FIXED(float, std::uint32_t, std::bit_cast<float>(raw));
POSTERN_FIXED(double, std::uint64_t, std::bit_cast<double>(raw));
POSTERN_FIXED(mapi::Currency, std::uint64_t, mapi::Currency{static_cast<std::int64_t>(raw)});
POSTERN_FIXED(mapi::ApplicationTime, std::uint64_t,
              mapi::ApplicationTime{std::bit_cast<double>(raw)});
POSTERN_FIXED(mapi::FileTime, std::uint64_t, mapi::FileTime{raw});
POSTERN_FIXED(mapi::PropertyError, std::uint32_t, mapi::PropertyError{raw});
POSTERN_FIXED(bool, std::uint8_t, raw != 0);  // some writers fill two or four octets
#undef POSTERN_FIXED

template <>
struct Fixed<mapi::Guid> {
  static constexpr std::size_t size = 16;
  static mapi::Guid from(Octets octets) {
    mapi::Guid guid;
    std::transform(octets.begin(), octets.begin() + size, guid.bytes.begin(),
                   [](std::byte octet) { return std::to_integer<std::uint8_t>(octet); });
    return guid;
  }
};

template <class Value>
PropertyValue one(Octets octets) {
  if (octets.size() < Fixed<Value>::size) throw FormatError("the value is too short for its type");
  return Fixed<Value>::from(octets);
}

/// Values back to back; a fragment at the end is ignored.
template <class Value>
PropertyValue many(Octets octets) {
  std::vector<Value> values;
  values.reserve(octets.size() / Fixed<Value>::size);
  for (; octets.size() >= Fixed<Value>::size; octets = octets.subspan(Fixed<Value>::size)) {
    values.push_back(Fixed<Value>::from(octets));
  }
  return values;
}

struct FixedType {
  PropertyType type;
  PropertyValue (*one)(Octets);
  PropertyValue (*many)(Octets);  ///< null if the type has no lists
};
constexpr std::array fixed_types{
    FixedType{PropertyType::int16, one<std::int16_t>, many<std::int16_t>},
    FixedType{PropertyType::int32, one<std::int32_t>, many<std::int32_t>},
    FixedType{PropertyType::int64, one<std::int64_t>, many<std::int64_t>},
    FixedType{PropertyType::real32, one<float>, many<float>},
    FixedType{PropertyType::real64, one<double>, many<double>},
    FixedType{PropertyType::currency, one<mapi::Currency>, many<mapi::Currency>},
    FixedType{PropertyType::application_time, one<mapi::ApplicationTime>,
              many<mapi::ApplicationTime>},
    FixedType{PropertyType::system_time, one<mapi::FileTime>, many<mapi::FileTime>},
    FixedType{PropertyType::guid, one<mapi::Guid>, many<mapi::Guid>},
    FixedType{PropertyType::error, one<mapi::PropertyError>, nullptr},
    FixedType{PropertyType::boolean, one<bool>, nullptr},
};

const FixedType* find_fixed(std::uint16_t type) {
  const auto* found = std::find_if(fixed_types.begin(), fixed_types.end(),
                                   [type](const FixedType& row) { return code(row.type) == type; });
  return found == fixed_types.end() ? nullptr : found;
}

std::string without_trailing_nuls(std::string text) {
  text.erase(text.find_last_not_of('\0') + 1);
  return text;
}

/// The octets of STRING8, the text of UNICODE; `is_mended` becomes true if that was not sound.
std::string text_of(Octets octets, std::uint16_t type, bool& is_mended) {
  if (is_string8(type)) {
    return without_trailing_nuls({reinterpret_cast<const char*>(octets.data()), octets.size()});
  }
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  auto text = mapi::from_utf16le(octets);
  if (text.find(replacement) != std::string::npos) {
    const auto whole = octets.first(octets.size() / 2 * 2);
    is_mended = is_mended || !std::ranges::equal(mapi::to_utf16le(text), whole);
  }
  return without_trailing_nuls(std::move(text));
}

mapi::Binary html_octets(mapi::Binary octets) {
  const auto end = std::find_if(octets.rbegin(), octets.rend(),
                                [](std::byte octet) { return octet != std::byte{0}; });
  octets.erase(end.base(), octets.end());
  return octets;
}

std::optional<PropertyValue> decode_one(const StoredProperty& property, const ReadStream& read,
                                        bool& is_mended) {
  const auto* fixed = find_fixed(property.type);
  // GUIDs alone of the fixed-size types do not fit into the entry.
  if (fixed != nullptr && fixed->type != PropertyType::guid) {
    return property.value ? std::optional(fixed->one(*property.value)) : std::nullopt;
  }
  if (property.stream == nullptr) return std::nullopt;
  auto octets = read(*property.stream);
  if (fixed != nullptr) return fixed->one(octets);
  const bool is_html = property.id == mapi::PR_HTML.id && is_string8(property.type);
  if (is_html) return html_octets(std::move(octets));
  if (property.type == code(PropertyType::binary)) return PropertyValue(std::move(octets));
  return PropertyValue(text_of(octets, property.type, is_mended));
}

template <class Element, class Decode>
PropertyValue decode_elements(const StoredProperty& property, const ReadStream& read,
                              Decode decode) {
  std::vector<Element> elements;
  elements.reserve(property.elements.size());
  for (const auto* element : property.elements) elements.push_back(decode(read(*element)));
  return elements;
}

std::optional<PropertyValue> decode_many(const StoredProperty& property, std::uint16_t element_type,
                                         const ReadStream& read, bool& is_mended) {
  if (property.stream == nullptr && property.elements.empty()) return std::nullopt;
  if (const auto* fixed = find_fixed(element_type)) {
    if (property.stream == nullptr) return std::nullopt;
    return fixed->many(read(*property.stream));
  }
  // The elements that are there count, not the number the stream of their lengths gives.
  if (element_type == code(PropertyType::binary)) {
    return decode_elements<mapi::Binary>(property, read,
                                         [](mapi::Binary octets) { return octets; });
  }
  return decode_elements<std::string>(property, read, [&](const mapi::Binary& octets) {
    return text_of(octets, element_type, is_mended);
  });
}

bool is_stream_type(std::uint16_t type) {
  return type == code(PropertyType::binary) || type == code(PropertyType::unicode) ||
         type == code(PropertyType::string8);
}

}  // namespace

DecodedProperty decode_property(const StoredProperty& property, const ReadStream& read) {
  constexpr std::uint16_t null_type = 0x0001;
  const bool no_value = property.type == 0 || property.type == null_type ||
                        property.type == code(PropertyType::object);
  if (no_value) return {};
  const bool is_list = (property.type & mapi::multi_valued_flag) != 0;
  const auto type = static_cast<std::uint16_t>(property.type & ~mapi::multi_valued_flag);
  const auto* fixed = find_fixed(type);
  const bool known =
      is_stream_type(type) || (fixed != nullptr && (!is_list || fixed->many != nullptr));
  if (!known) throw FormatError("its type is unknown");
  DecodedProperty decoded;
  decoded.value = is_list ? decode_many(property, type, read, decoded.is_mended)
                          : decode_one(property, read, decoded.is_mended);
  return decoded;
}

}  // namespace postern::msg
