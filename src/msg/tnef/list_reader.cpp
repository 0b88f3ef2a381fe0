#include "msg/tnef/list_reader.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "mapi/property_tags.h"
#include "mapi/utf.h"
#include "msg/compound/format_error.h"
#include "msg/property/message_texts.h"
#include "msg/property/named_properties.h"
#include "msg/property/stream_names.h"
#include "msg/property/value_decoder.h"
#include "msg/tnef/attributes.h"

namespace postern::msg {
namespace {

using Elements = std::vector<mapi::Binary>;

constexpr std::uint16_t null_type = 0x0001;

struct Property {
  std::uint16_t type;
  std::uint16_t id;
  std::optional<mapi::PropertyName> name{};

  [[nodiscard]] bool is_list() const { return (type & mapi::multi_valued_flag) != 0; }
  [[nodiscard]] std::string tag() const {
    return name_of(ValueStreamName{id, type, std::nullopt}).substr(12);
  }
};

mapi::Guid take_guid(Cursor& cursor) {
  mapi::Guid guid;
  cursor.take_into(std::as_writable_bytes(std::span(guid.bytes)));
  return guid;
}

mapi::PropertyName take_name(Cursor& cursor) {
  mapi::PropertyName name{take_guid(cursor), {}};
  if (cursor.take<std::uint32_t>() == named_by_number) {
    name.name = cursor.take<std::uint32_t>();
    return name;
  }
  const auto length = cursor.take<std::uint32_t>();
  auto text = mapi::from_utf16le(cursor.take(length));
  cursor.skip(padding_after(length));
  text.erase(text.find_last_not_of('\0') + 1);
  name.name = std::move(text);
  return name;
}

Property take_property(Cursor& cursor) {
  Property property{cursor.take<std::uint16_t>(), cursor.take<std::uint16_t>()};
  if (property.id >= first_named_id) property.name = take_name(cursor);
  return property;
}

/// A list's values, each padded, become one run without padding.
mapi::Binary take_fixed(Cursor& cursor, std::uint64_t size, std::uint32_t count) {
  const auto stride = size + padding_after(size);
  if (count > cursor.left() / stride) throw FormatError("it is cut short");
  if (stride == size) return cursor.take(size * count);
  mapi::Binary octets;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto value = cursor.take(size);
    octets.insert(octets.end(), value.begin(), value.end());
    cursor.skip(stride - size);
  }
  return octets;
}

Elements take_elements(Cursor& cursor, Allowance& allowance) {
  const auto count = cursor.take<std::uint32_t>();
  Elements elements;
  for (std::uint32_t i = 0; i < count; ++i) {
    allowance.spend();
    const auto length = cursor.take<std::uint32_t>();
    elements.push_back(cursor.take(length));
    cursor.skip(std::min(cursor.left(), padding_after(length)));
  }
  return elements;
}

/// As decode_value wants them. Nothing tells how long a value of an unknown type is.
Elements take_octets(Cursor& cursor, Allowance& allowance, const Property& property) {
  if (const auto size = fixed_size(property.type)) {
    const auto count = property.is_list() ? cursor.take<std::uint32_t>() : 1;
    return {take_fixed(cursor, *size, count)};
  }
  if (!is_decodable(property.type) && property.type != object_type) {
    throw FormatError("property " + property.tag() + " has an unknown type");
  }
  return take_elements(cursor, allowance);
}

void take_data(Cursor& cursor, const Property& property,
               const PropertyListReader::ReadData& read_data) {
  const auto count = cursor.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto length = cursor.take<std::uint32_t>();
    const auto outer = cursor.enter(length);
    if (i == 0) read_data(property.type);
    cursor.leave(outer);
    cursor.skip(std::min(cursor.left(), padding_after(length)));
  }
}

bool is_data(const Property& property) {
  return property.id == mapi::PR_ATTACH_DATA_BIN.id && !fixed_size(property.type) &&
         !property.is_list();
}

}  // namespace

void Allowance::spend() {
  if (left_ == 0) throw TooComplex("it has more than 1,000,000 values");
  --left_;
}

void PropertyListReader::read(mapi::PropertyBag& bag, RawTexts& raw, const std::string& where,
                              const ReadData& read_data) {
  const auto count = cursor.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count; ++i) {
    allowance.spend();
    const auto property = take_property(cursor);
    if (property.type == 0 || property.type == null_type) continue;
    if (read_data && is_data(property)) {
      take_data(cursor, property, read_data);
      continue;
    }
    auto octets = take_octets(cursor, allowance, property);
    if (property.type == object_type) continue;
    auto decoded = decode_value(property.id, property.type, std::move(octets));
    if (!decoded.value) continue;
    const auto set = [&](const auto& key) {
      if (is_string8(property.type)) raw.add(key);
      bag.set(key, *std::move(decoded.value));
    };
    if (decoded.is_mended) {
      losses.tell(mapi::LossKind::substituted, where,
                  "property " + property.tag() + replaced_characters);
    }
    property.name ? set(*property.name) : set(property.id);
  }
}

}  // namespace postern::msg
