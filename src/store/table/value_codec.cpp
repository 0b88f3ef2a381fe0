#include "store/table/value_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <type_traits>

#include "mapi/error.h"

namespace postern::store {
namespace {

using mapi::PropertyName;
using mapi::PropertyValue;

constexpr std::byte codec_version{1};
constexpr std::uint16_t as_before = 0;  ///< instead of a type
constexpr std::uint8_t named_by_number = 0;
constexpr std::uint8_t named_by_text = 1;

mapi::Failure corrupt(const char* what) {
  return {mapi::MAPI_E_CORRUPT_STORE, std::string("stored properties are damaged: ") + what};
}

template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::bool_constant<!std::is_same_v<T, std::byte>> {};

/// The unsigned integer that carries a fixed-size value of `size` octets.
template <std::size_t size>
using Carrier = std::conditional_t<
    size == 1, std::uint8_t,
    std::conditional_t<size == 2, std::uint16_t,
                       std::conditional_t<size == 4, std::uint32_t, std::uint64_t>>>;

/// The properties of a bag that are encoded.
struct Selected {
  std::vector<mapi::PropertyMap<std::uint16_t>::Entry> properties;
  std::vector<mapi::PropertyMap<PropertyName>::Entry> named;
};

class Writer {
 public:
  std::vector<std::byte> octets;

  template <class T>
  requires std::is_integral_v<T> && std::is_unsigned_v<T>
  void fixed(T value) {
    std::array<std::byte, sizeof(T)> lowest_first;
    for (auto& octet : lowest_first) {
      octet = static_cast<std::byte>(value & 0xFF);
      if constexpr (sizeof(T) > 1) value = static_cast<T>(value >> 8);
    }
    octets.insert(octets.end(), lowest_first.begin(), lowest_first.end());
  }

  void count(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) fixed(static_cast<std::uint8_t>(value | 0x80));
    fixed(static_cast<std::uint8_t>(value));
  }

  template <class Octet>
  void run(std::span<const Octet> values) {
    const auto bytes = std::as_bytes(values);
    octets.insert(octets.end(), bytes.begin(), bytes.end());
  }

  template <class T>
  void value(const T& held) {
    if constexpr (IsList<T>::value) {
      count(held.size());
      for (const auto& element : held) value(element);
    } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, mapi::Binary>) {
      count(held.size());
      run(std::span(held.data(), held.size()));
    } else if constexpr (std::is_same_v<T, mapi::Guid>) {
      run(std::span<const std::uint8_t>(held.bytes));
    } else if constexpr (std::is_same_v<T, bool>) {
      fixed(static_cast<std::uint8_t>(held ? 1 : 0));
    } else {
      fixed(std::bit_cast<Carrier<sizeof(T)>>(held));
    }
  }

  void value(const PropertyValue& any) {
    fixed(mapi::type_of(any));
    value_alone(any);
  }

  void bag(const Selected& selected) {
    octets.push_back(codec_version);
    count(selected.properties.size());
    for (const auto& property : selected.properties) property_of(property);
    named(selected.named);
  }

  void bag(const mapi::PropertyBag& bag, const mapi::PropertyBag& before) {
    octets.push_back(codec_version);
    count(bag.properties().size());
    auto there = before.properties().begin();
    const auto end = before.properties().end();
    for (const auto& property : bag.properties()) {
      while (there != end && (*there).first < property.first) ++there;
      if (there != end && (*there).first == property.first && is_same(*there, property)) {
        id_and_type(property.first, as_before);
      } else {
        property_of(property);
      }
    }
    named(bag.named_properties());
  }

 private:
  using Property = mapi::PropertyMap<std::uint16_t>::Entry;

  static bool is_same(const Property& one, const Property& other) {
    return &one.second == &other.second || one.second == other.second;
  }

  void property_of(const Property& property) {
    id_and_type(property.first, mapi::type_of(property.second));
    value_alone(property.second);
  }

  void id_and_type(std::uint16_t id, std::uint16_t type) {
    fixed(static_cast<std::uint32_t>(id | static_cast<std::uint32_t>(type) << 16U));
  }

  void value_alone(const PropertyValue& any) {
    std::visit([this](const auto& held) { value(held); }, any);
  }

  void named(const auto& properties) {
    count(properties.size());
    for (const auto& property : properties) {
      name(property.first);
      value(property.second);
    }
  }

  void name(const PropertyName& name) {
    value(name.set);
    if (const auto* number = std::get_if<std::uint32_t>(&name.name)) {
      fixed(named_by_number);
      fixed(*number);
    } else {
      fixed(named_by_text);
      value(std::get<std::string>(name.name));
    }
  }
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> octets) : rest_(octets) {}

  [[nodiscard]] std::span<const std::byte> rest() const { return rest_; }

  std::span<const std::byte> run(std::uint64_t size) {
    if (size > rest_.size()) throw corrupt("they end too early");
    const auto taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  template <class T>
  T fixed() {
    T value = 0;
    const auto octets = run(sizeof(T));
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = static_cast<T>(value | (static_cast<T>(octets[i]) << (8 * i)));
    }
    return value;
  }

  std::uint64_t count() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      const auto octet = fixed<std::uint8_t>();
      value |= std::uint64_t{octet & 0x7FU} << shift;
      if ((octet & 0x80) == 0) return value;
    }
    throw corrupt("a count is too long");
  }

  template <class T>
  T value() {
    if constexpr (IsList<T>::value) {
      T list;  // grows as its elements are found: the count itself is not believed
      for (auto left = count(); left > 0; --left) {
        list.push_back(value<typename T::value_type>());
      }
      return list;
    } else if constexpr (std::is_same_v<T, std::string>) {
      const auto octets = run(count());
      return {reinterpret_cast<const char*>(octets.data()), octets.size()};
    } else if constexpr (std::is_same_v<T, mapi::Binary>) {
      const auto octets = run(count());
      return {octets.begin(), octets.end()};
    } else if constexpr (std::is_same_v<T, mapi::Guid>) {
      mapi::Guid guid;
      std::ranges::transform(run(guid.bytes.size()), guid.bytes.begin(),
                             [](std::byte b) { return static_cast<std::uint8_t>(b); });
      return guid;
    } else if constexpr (std::is_same_v<T, bool>) {
      return fixed<std::uint8_t>() != 0;
    } else {
      return std::bit_cast<T>(fixed<Carrier<sizeof(T)>>());
    }
  }

  PropertyValue value_of(std::uint16_t type);
  PropertyValue any_value() { return value_of(fixed<std::uint16_t>()); }

  PropertyName name() {
    PropertyName name;
    name.set = value<mapi::Guid>();
    switch (fixed<std::uint8_t>()) {
      case named_by_number:
        name.name = fixed<std::uint32_t>();
        return name;
      case named_by_text:
        name.name = value<std::string>();
        return name;
      default:
        throw corrupt("a property name is of no known kind");
    }
  }

 private:
  std::span<const std::byte> rest_;
};

/// One decoder per alternative of PropertyValue, found by its type code.
struct Decoder {
  std::uint16_t type;
  PropertyValue (*read)(Reader&);
};

template <std::size_t... index>
auto make_decoders(std::index_sequence<index...>) {
  return std::array{Decoder{
      mapi::type_of(PropertyValue(std::in_place_index<index>)), [](Reader& reader) {
        return PropertyValue(std::in_place_index<index>,
                             reader.value<std::variant_alternative_t<index, PropertyValue>>());
      }}...};
}

PropertyValue Reader::value_of(std::uint16_t type) {
  static const auto decoders =
      make_decoders(std::make_index_sequence<std::variant_size_v<PropertyValue>>());
  const auto* decoder = std::ranges::find(decoders, type, &Decoder::type);
  if (decoder == decoders.end()) throw corrupt("a property is of no known type");
  return decoder->read(*this);
}

template <class T>
std::size_t held_size(const T& held) {
  if constexpr (IsList<T>::value) {
    std::size_t size = 0;
    for (const auto& element : held) size += held_size(element);
    return size;
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, mapi::Binary>) {
    return held.size();
  } else {
    return sizeof(T);
  }
}

bool selects(const Selection& selection, const PropertyValue& value) {
  const auto size = value_size(value);
  return size >= selection.smallest && size < selection.beyond;
}

bool selects(const Selection& selection, std::uint16_t id, const PropertyValue& value) {
  return std::ranges::find(selection.except, id) == selection.except.end() &&
         selects(selection, value);
}

Selected select(const mapi::PropertyBag& bag, const Selection& selection) {
  Selected selected;
  selected.properties.reserve(bag.properties().size());
  for (const auto& property : bag.properties()) {
    if (selects(selection, property.first, property.second)) {
      selected.properties.push_back(property);
    }
  }
  for (const auto& property : bag.named_properties()) {
    if (selects(selection, property.second)) selected.named.push_back(property);
  }
  return selected;
}

}  // namespace

std::size_t value_size(const PropertyValue& value) {
  return std::visit([](const auto& held) { return held_size(held); }, value);
}

std::size_t values_size(const mapi::PropertyBag& bag) {
  std::size_t size = 0;
  for (const auto& [id, value] : bag.properties()) size += value_size(value);
  for (const auto& [name, value] : bag.named_properties()) size += value_size(value);
  return size;
}

std::vector<std::byte> encode(const mapi::PropertyBag& bag, const Selection& selection) {
  Writer writer;
  writer.bag(select(bag, selection));
  return std::move(writer.octets);
}

void append_encoded(std::vector<std::byte>& octets, const mapi::PropertyBag& bag,
                    const mapi::PropertyBag& before) {
  Writer writer;
  writer.octets.swap(octets);
  writer.bag(bag, before);
  octets.swap(writer.octets);
}

bool nothing_selected(const mapi::PropertyBag& bag, const Selection& selection) {
  const auto selected = select(bag, selection);
  return selected.properties.empty() && selected.named.empty();
}

void decode_into(mapi::PropertyBag& bag, std::span<const std::byte> octets) {
  if (!decode_first(bag, octets, {}).empty()) throw corrupt("octets follow their end");
}

std::span<const std::byte> decode_first(mapi::PropertyBag& bag, std::span<const std::byte> octets,
                                        const mapi::PropertyBag& before) {
  Reader reader(octets);
  if (reader.run(1).front() != codec_version) {
    throw corrupt("their encoding is of no known version");
  }
  for (auto left = reader.count(); left > 0; --left) {
    const auto id = reader.fixed<std::uint16_t>();
    const auto type = reader.fixed<std::uint16_t>();
    if (type != as_before) {
      bag.set(id, reader.value_of(type));
    } else if (before.find(id) != nullptr) {
      bag.copy(id, before);
    } else {
      throw corrupt("a value that was to be there before is not");
    }
  }
  for (auto left = reader.count(); left > 0; --left) {
    const auto name = reader.name();
    bag.set(name, reader.any_value());
  }
  return reader.rest();
}

}  // namespace postern::store
