#include "msg/property/named_properties.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "mapi/compressed_rtf.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/utf.h"
#include "msg/compound/little_endian.h"
#include "msg/property/stream_names.h"

namespace postern::msg {
namespace {

using Octets = std::span<const std::byte>;

constexpr std::uint16_t binary_code = static_cast<std::uint16_t>(mapi::PropertyType::binary);
constexpr ValueStreamName set_stream{0x0002, binary_code, std::nullopt};
constexpr ValueStreamName entry_stream{0x0003, binary_code, std::nullopt};
constexpr ValueStreamName name_stream{0x0004, binary_code, std::nullopt};

constexpr std::size_t entry_size = 8;
constexpr std::size_t set_size = 16;
constexpr std::uint16_t string_kind = 1;
// The first two sets have fixed indexes; index n from 3 on is the set at n - 3 in the stream.
constexpr std::uint16_t mapi_set = 1;
constexpr std::uint16_t public_strings_set = 2;
constexpr std::uint16_t first_stored_set = 3;

constexpr std::uint16_t first_lookup_stream = 0x1000;
constexpr std::uint32_t lookup_streams = 0x1F;

std::optional<mapi::Guid> set_at(std::uint16_t index, Octets sets) {
  if (index == mapi_set) return mapi::PS_MAPI;
  if (index == public_strings_set) return mapi::PS_PUBLIC_STRINGS;
  if (index < first_stored_set) return std::nullopt;
  const std::size_t at = (index - std::size_t{first_stored_set}) * set_size;
  if (at + set_size > sets.size()) return std::nullopt;
  mapi::Guid guid;
  std::transform(sets.begin() + static_cast<std::ptrdiff_t>(at),
                 sets.begin() + static_cast<std::ptrdiff_t>(at + set_size), guid.bytes.begin(),
                 [](std::byte octet) { return std::to_integer<std::uint8_t>(octet); });
  return guid;
}

std::optional<std::string> text_at(std::size_t offset, Octets names) {
  if (offset + 4 > names.size()) return std::nullopt;
  const std::size_t length = load<std::uint32_t>(names, offset);
  const auto rest = names.subspan(offset + 4);
  if (length > rest.size()) return std::nullopt;
  return mapi::from_utf16le(rest.first(length));
}

std::optional<mapi::PropertyName> parse_entry(Octets entry, Octets sets, Octets names) {
  const auto number_or_offset = load<std::uint32_t>(entry);
  const auto kind_and_set = load<std::uint16_t>(entry, 4);
  const auto set = set_at(static_cast<std::uint16_t>(kind_and_set >> 1U), sets);
  if (!set) return std::nullopt;
  if ((kind_and_set & string_kind) == 0) return mapi::PropertyName{*set, number_or_offset};
  auto text = text_at(number_or_offset, names);
  if (!text) return std::nullopt;
  return mapi::PropertyName{*set, std::move(*text)};
}

}  // namespace

NamedProperties::NamedProperties(const DirectoryEntry& storage, const ReadStream& read) {
  const auto octets_of = [&](const ValueStreamName& name) {
    const auto* stream = storage.find_stream(msg::name_of(name));
    return stream == nullptr ? std::vector<std::byte>{} : read(*stream);
  };
  const auto sets = octets_of(set_stream);
  const auto names = octets_of(name_stream);
  const auto entries = octets_of(entry_stream);
  for (auto rest = Octets(entries);
       rest.size() >= entry_size && names_.size() < max_named_properties;
       rest = rest.subspan(entry_size)) {
    names_.push_back(parse_entry(rest, sets, names));
  }
}

const mapi::PropertyName* NamedProperties::name_of(std::uint16_t id) const {
  const std::size_t index = id - std::size_t{first_named_id};
  return id >= first_named_id && index < names_.size() && names_[index] ? &*names_[index] : nullptr;
}

std::uint16_t NamedPropertiesWriter::set_index(const mapi::Guid& set) {
  if (set == mapi::PS_MAPI) return mapi_set;
  if (set == mapi::PS_PUBLIC_STRINGS) return public_strings_set;
  auto found = std::find(sets_.begin(), sets_.end(), set);
  if (found == sets_.end()) {
    for (const auto octet : set.bytes) append(set_octets_, octet);
    found = sets_.insert(sets_.end(), set);
  }
  return static_cast<std::uint16_t>(found - sets_.begin() + first_stored_set);
}

std::uint16_t NamedPropertiesWriter::id_of(const mapi::PropertyName& name) {
  if (const auto found = ids_.find(name); found != ids_.end()) return found->second;
  if (ids_.size() == max_named_properties) {
    throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX,
                        "a .msg file holds 32,767 named properties; the message has more");
  }
  const auto index = static_cast<std::uint16_t>(ids_.size());
  const auto* text = std::get_if<std::string>(&name.name);
  const auto kind_and_set =
      static_cast<std::uint16_t>(2 * set_index(name.set) + (text != nullptr ? string_kind : 0));
  std::uint32_t entry_key = 0;
  std::uint32_t lookup_key = 0;
  if (text != nullptr) {
    const auto utf16 = mapi::to_utf16le(*text);
    entry_key = static_cast<std::uint32_t>(name_octets_.size());
    lookup_key = mapi::rtf_crc(utf16);
    append(name_octets_, static_cast<std::uint32_t>(utf16.size()));
    name_octets_.insert(name_octets_.end(), utf16.begin(), utf16.end());
    name_octets_.resize((name_octets_.size() + 3) / 4 * 4);
  } else {
    entry_key = lookup_key = std::get<std::uint32_t>(name.name);
  }
  const auto add = [&](std::vector<std::byte>& octets, std::uint32_t key) {
    append(octets, key);
    append(octets, kind_and_set);
    append(octets, index);
  };
  add(entry_octets_, entry_key);
  const auto lookup_id = static_cast<std::uint16_t>(first_lookup_stream +
                                                    (lookup_key ^ kind_and_set) % lookup_streams);
  add(lookup_[msg::name_of({lookup_id, binary_code, std::nullopt})], lookup_key);
  const auto id = static_cast<std::uint16_t>(first_named_id + index);
  ids_.emplace(name, id);
  return id;
}

std::vector<NamedPropertiesWriter::Stream> NamedPropertiesWriter::streams() const {
  std::vector<Stream> streams{{msg::name_of(set_stream), set_octets_},
                              {msg::name_of(entry_stream), entry_octets_},
                              {msg::name_of(name_stream), name_octets_}};
  for (const auto& [name, octets] : lookup_) streams.push_back({name, octets});
  return streams;
}

}  // namespace postern::msg
