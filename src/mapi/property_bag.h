// A property bag: the properties of one message, recipient or attachment, as a value.
//
// One property per id (MAPI allows one type per id on an object); named properties are stored by
// name. Reading returns views into the bag, valid as long as the property is unchanged; it throws
// nothing. Copies are cheap (property_map.h).
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "mapi/property_map.h"
#include "mapi/property_type.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// Properties by id, and named properties by name.
class PropertyBag {
 public:
  template <PropertyType Type>
  using View = typename PropertyTraits<Type>::View;

  /// What `get` yields: an optional value, an optional text view, or (for binary) a pointer.
  template <PropertyType Type>
  using Found = std::conditional_t<Type == PropertyType::binary, const Binary*,
                                   std::optional<std::remove_cvref_t<View<Type>>>>;

  /// The property; nullopt (binary: nullptr) if it is absent or not of the tag's type.
  template <PropertyType Type>
  [[nodiscard]] Found<Type> get(Tag<Type> tag) const {
    const auto* found = properties_.find(tag.id);
    if (found == nullptr) return {};
    const auto* value = std::get_if<typename PropertyTraits<Type>::Value>(found);
    if (value == nullptr) return {};
    if constexpr (Type == PropertyType::binary) {
      return value;
    } else {
      return View<Type>(*value);
    }
  }

  template <PropertyType Type>
  [[nodiscard]] std::remove_cvref_t<View<Type>> get_or(Tag<Type> tag, View<Type> otherwise) const {
    if constexpr (Type == PropertyType::binary) {
      const Binary* value = get(tag);
      return value != nullptr ? *value : otherwise;
    } else {
      return get(tag).value_or(otherwise);
    }
  }

  /// Sets or replaces the property.
  template <PropertyType Type>
  void set(Tag<Type> tag, std::type_identity_t<typename PropertyTraits<Type>::Value> value) {
    properties_.set(tag.id, PropertyValue{std::move(value)});
  }
  /// Sets a property whose type is known at run time only (for readers of files and stores).
  void set(std::uint16_t id, PropertyValue value) { properties_.set(id, std::move(value)); }
  void set(const PropertyName& name, PropertyValue value) { named_.set(name, std::move(value)); }

  template <PropertyType Type>
  bool erase(Tag<Type> tag) {
    return properties_.erase(tag.id);
  }
  bool erase(const PropertyName& name) { return named_.erase(name); }

  /// Copies the property from another bag; a property absent there is removed here.
  template <PropertyType Type>
  void copy(Tag<Type> to, const PropertyBag& from, Tag<Type> tag) {
    properties_.copy(to.id, from.properties_, tag.id);
  }

  /// The same where the type is known at run time only.
  void copy(std::uint16_t id, const PropertyBag& from) {
    properties_.copy(id, from.properties_, id);
  }

  /// Sets every property that `from` has.
  void copy_all(const PropertyBag& from) {
    properties_.copy_all(from.properties_);
    named_.copy_all(from.named_);
  }

  [[nodiscard]] const PropertyValue* find(std::uint16_t id) const { return properties_.find(id); }
  [[nodiscard]] const PropertyValue* find(const PropertyName& name) const {
    return named_.find(name);
  }
  /// A named text property; nullopt if it is absent or no text.
  [[nodiscard]] std::optional<std::string_view> get_text(const PropertyName& name) const {
    const auto* value = find(name);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    if (text == nullptr) return std::nullopt;
    return std::string_view{*text};
  }

  /// All properties in the order of their ids; all named ones in the order of their names.
  [[nodiscard]] const PropertyMap<std::uint16_t>& properties() const { return properties_; }
  [[nodiscard]] const PropertyMap<PropertyName>& named_properties() const { return named_; }

  friend bool operator==(const PropertyBag&, const PropertyBag&) = default;

 private:
  PropertyMap<std::uint16_t> properties_;
  PropertyMap<PropertyName> named_;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
