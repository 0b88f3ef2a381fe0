#include "msg/property/stored_properties.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "mapi/property_type.h"
#include "msg/compound/format_error.h"
#include "msg/compound/little_endian.h"
#include "msg/property/stream_names.h"

namespace postern::msg {
namespace {

constexpr std::size_t max_properties = 65'536;
constexpr std::size_t entry_value = 8;
constexpr auto string8_code = static_cast<std::uint16_t>(mapi::PropertyType::string8);
constexpr auto unicode_code = static_cast<std::uint16_t>(mapi::PropertyType::unicode);
/// STRING8 and UNICODE differ in this bit only.
constexpr std::uint16_t other_string_type = string8_code ^ unicode_code;

std::uint16_t base_type(std::uint16_t type) {
  return type & static_cast<std::uint16_t>(~mapi::multi_valued_flag);
}

bool is_string(std::uint16_t type) {
  return base_type(type) == string8_code || base_type(type) == unicode_code;
}

struct Streams {
  const DirectoryEntry* value = nullptr;
  std::map<std::uint32_t, const DirectoryEntry*> elements;
};
/// By id and type.
using StreamMap = std::map<std::pair<std::uint16_t, std::uint16_t>, Streams>;

StreamMap value_streams(const DirectoryEntry& storage) {
  StreamMap streams;
  for (const auto* child : storage.children) {
    if (child->is_storage) continue;
    const auto name = parse_value_stream_name(child->name);
    if (!name) continue;
    auto& found = streams[{name->id, name->type}];
    if (name->element) {
      found.elements.emplace(*name->element, child);
    } else if (found.value == nullptr) {
      found.value = child;
    }
  }
  return streams;
}

void attach_streams(StoredProperty& property, const Streams& streams) {
  property.stream = streams.value;
  for (const auto& [number, stream] : streams.elements) property.elements.push_back(stream);
}

std::map<std::uint16_t, StoredProperty> parse_entries(std::span<const std::byte> octets,
                                                      std::size_t header_size) {
  std::map<std::uint16_t, StoredProperty> properties;
  if (octets.size() < header_size) return properties;
  octets = octets.subspan(header_size);
  if (octets.size() / property_entry_size > max_properties) {
    throw TooComplex("one of its objects has more than 65,536 properties");
  }
  for (; octets.size() >= property_entry_size; octets = octets.subspan(property_entry_size)) {
    StoredProperty property;
    property.type = load<std::uint16_t>(octets);
    property.id = load<std::uint16_t>(octets, 2);
    auto& value = property.value.emplace();
    std::copy_n(octets.begin() + entry_value, value.size(), value.begin());
    properties.emplace(property.id, std::move(property));
  }
  return properties;
}

}  // namespace

std::vector<StoredProperty> stored_properties(const DirectoryEntry& storage,
                                              const std::vector<std::byte>& octets,
                                              std::size_t header_size) {
  auto properties = parse_entries(octets, header_size);
  const auto streams = value_streams(storage);
  for (auto& [id, property] : properties) {
    auto found = streams.find({id, property.type});
    if (found == streams.end() && is_string(property.type)) {
      found = streams.find({id, property.type ^ other_string_type});
      if (found != streams.end()) property.type ^= other_string_type;
    }
    if (found != streams.end()) attach_streams(property, found->second);
  }
  for (const auto& [key, found] : streams) {
    const auto [place, is_new] = properties.try_emplace(key.first);
    if (!is_new) continue;
    place->second.id = key.first;
    place->second.type = key.second;
    attach_streams(place->second, found);
  }
  std::vector<StoredProperty> result;
  result.reserve(properties.size());
  for (auto& [id, property] : properties) result.push_back(std::move(property));
  return result;
}

}  // namespace postern::msg
