#include "msg/tnef/list_writer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/utf.h"
#include "msg/property/named_properties.h"
#include "msg/property/property_encoder.h"
#include "msg/property/value_decoder.h"

namespace postern::msg {
namespace {

constexpr std::uint16_t last_named_id = 0xFFFE;

constexpr std::array kept_back{mapi::PR_DISPLAY_BCC.id, mapi::PR_ORIGINAL_DISPLAY_BCC.id,
                               mapi::PR_TRANSPORT_MESSAGE_HEADERS.id, mapi::PR_ATTACH_DATA_BIN.id};

bool may_be_sent(std::uint16_t id) {
  constexpr std::uint16_t first_internal = 0x6000;
  constexpr std::uint16_t last_internal = 0x67FF;
  return std::ranges::find(kept_back, id) == kept_back.end() &&
         (id < first_internal || id > last_internal);
}

Pieces of_octets(const mapi::Binary& octets) {
  Pieces pieces;
  pieces.octets(octets);
  return pieces;
}

void add_padded(Pieces& to, Pieces value) {
  const auto size = value.size();
  to.counted(std::move(value));
  to.pad(size);
}

/// Values of `size` octets, each padded.
void add_fixed(Pieces& to, std::span<const std::byte> octets, std::size_t size) {
  for (; octets.size() >= size; octets = octets.subspan(size)) {
    to.octets({octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size)});
    to.pad(size);
  }
}

void add_variable(Pieces& to, const std::vector<mapi::Binary>& elements) {
  to.number(static_cast<std::uint32_t>(elements.size()));
  for (const auto& element : elements) add_padded(to, of_octets(element));
}

/// The one value of a type of variable size; texts end with a NUL in TNEF.
mapi::Binary single_value(const EncodedProperty& encoded) {
  auto octets = encoded.stream.value_or(mapi::Binary{});
  const bool is_text = encoded.type == static_cast<std::uint16_t>(mapi::PropertyType::unicode);
  if (is_text) octets.resize(octets.size() + 2);
  return octets;
}

void add_value(Pieces& to, const EncodedProperty& encoded) {
  const bool is_list = (encoded.type & mapi::multi_valued_flag) != 0;
  const auto size = fixed_size(encoded.type);
  if (!size && is_list) return add_variable(to, encoded.elements);
  if (!size) return add_variable(to, {single_value(encoded)});
  mapi::Binary octets;
  if (encoded.stream) {
    octets = *encoded.stream;
  } else {
    append(octets, encoded.value);
    octets.resize(*size);
  }
  if (is_list) to.number(static_cast<std::uint32_t>(octets.size() / *size));
  add_fixed(to, octets, *size);
}

void add_name(Pieces& to, const mapi::PropertyName& name) {
  to.guid(name.set);
  if (const auto* number = std::get_if<std::uint32_t>(&name.name)) {
    to.number(named_by_number);
    to.number(*number);
    return;
  }
  to.number(named_by_text);
  auto octets = mapi::to_utf16le(std::get<std::string>(name.name));
  octets.resize(octets.size() + 2);
  add_padded(to, of_octets(octets));
}

}  // namespace

Pieces property_list(const mapi::PropertyBag& bag, std::optional<TnefObject> object) {
  Pieces properties;
  std::uint32_t count = 0;
  const auto begin = [&](std::uint16_t id, std::uint16_t type) {
    properties.number(type);
    properties.number(id);
    ++count;
  };
  for (const auto& [id, value] : bag.properties()) {
    if (!may_be_sent(id) || id >= first_named_id) continue;
    const auto encoded = encode_property(value, StringType::unicode);
    begin(id, encoded.type);
    add_value(properties, encoded);
  }
  std::uint16_t named_id = first_named_id;
  for (const auto& [name, value] : bag.named_properties()) {
    if (named_id == last_named_id) {
      throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX,
                          "TNEF holds 32,766 named properties of one object; there are more");
    }
    const auto encoded = encode_property(value, StringType::unicode);
    begin(named_id++, encoded.type);
    add_name(properties, name);
    add_value(properties, encoded);
  }
  if (object) {
    begin(mapi::PR_ATTACH_DATA_BIN.id, object_type);
    properties.number(std::uint32_t{1});
    Pieces value;
    value.guid(object->interface);
    value.pieces(std::move(object->octets));
    add_padded(properties, std::move(value));
  }
  Pieces list;
  list.number(count);
  list.pieces(std::move(properties));
  return list;
}

}  // namespace postern::msg
