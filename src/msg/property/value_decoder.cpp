#include "msg/property/value_decoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "mapi/property_tags.h"
#include "mapi/utf.h"
#include "msg/compound/format_error.h"
#include "msg/compound/little_endian.h"

namespace postern::msg {
namespace {

using mapi::PropertyType;
using mapi::PropertyValue;
using Octets = std::span<const std::byte>;

constexpr std::uint16_t code(PropertyType type) {
  return static_cast<std::uint16_t>(type);
}

std::uint16_t element_type(std::uint16_t type) {
  return type & static_cast<std::uint16_t>(~mapi::multi_valued_flag);
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
  std::size_t size;
  PropertyValue (*one)(Octets);
  PropertyValue (*many)(Octets);  ///< null if the type has no lists
};
template <class Value>
constexpr FixedType single(PropertyType type) {
  return {type, Fixed<Value>::size, one<Value>, nullptr};
}
template <class Value>
constexpr FixedType also_list(PropertyType type) {
  return {type, Fixed<Value>::size, one<Value>, many<Value>};
}

constexpr std::array fixed_types{
    also_list<std::int16_t>(PropertyType::int16),
    also_list<std::int32_t>(PropertyType::int32),
    also_list<std::int64_t>(PropertyType::int64),
    also_list<float>(PropertyType::real32),
    also_list<double>(PropertyType::real64),
    also_list<mapi::Currency>(PropertyType::currency),
    also_list<mapi::ApplicationTime>(PropertyType::application_time),
    also_list<mapi::FileTime>(PropertyType::system_time),
    also_list<mapi::Guid>(PropertyType::guid),
    single<mapi::PropertyError>(PropertyType::error),
    single<bool>(PropertyType::boolean),
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

PropertyValue decode_list(std::uint16_t type, const std::vector<mapi::Binary>& elements,
                          bool& is_mended) {
  if (type == code(PropertyType::binary)) return elements;
  std::vector<std::string> texts;
  texts.reserve(elements.size());
  for (const auto& element : elements) texts.push_back(text_of(element, type, is_mended));
  return texts;
}

}  // namespace

bool is_string8(std::uint16_t type) {
  return element_type(type) == code(PropertyType::string8);
}

std::optional<std::size_t> fixed_size(std::uint16_t type) {
  const auto* fixed = find_fixed(element_type(type));
  return fixed == nullptr ? std::nullopt : std::optional(fixed->size);
}

bool is_decodable(std::uint16_t type) {
  const bool is_list = (type & mapi::multi_valued_flag) != 0;
  const auto element = element_type(type);
  if (const auto* fixed = find_fixed(element)) return !is_list || fixed->many != nullptr;
  return element == code(PropertyType::binary) || element == code(PropertyType::unicode) ||
         is_string8(element);
}

DecodedProperty decode_value(std::uint16_t id, std::uint16_t type,
                             std::vector<mapi::Binary> elements) {
  if (!is_decodable(type)) throw FormatError("its type is unknown");
  const bool is_list = (type & mapi::multi_valued_flag) != 0;
  const auto* fixed = find_fixed(element_type(type));
  DecodedProperty decoded;
  if (is_list && fixed == nullptr) {
    decoded.value = decode_list(element_type(type), elements, decoded.is_mended);
    return decoded;
  }
  if (elements.empty()) return decoded;
  auto& octets = elements.front();
  if (fixed != nullptr) {
    decoded.value = is_list ? fixed->many(octets) : fixed->one(octets);
  } else if (id == mapi::PR_HTML.id && is_string8(type)) {
    decoded.value = html_octets(std::move(octets));
  } else if (type == code(PropertyType::binary)) {
    decoded.value = std::move(octets);
  } else {
    decoded.value = text_of(octets, type, decoded.is_mended);
  }
  return decoded;
}

}  // namespace postern::msg
