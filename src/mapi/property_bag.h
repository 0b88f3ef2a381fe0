// A property bag: the properties of one message, recipient or attachment, as a value.
//
// One property per id (MAPI allows one type per id on an object); named properties are stored by
// name. Reading returns views into the bag, valid as long as the property is unchanged; it throws
// nothing.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

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
    const auto found = properties_.find(tag.id);
    if (found == properties_.end()) return {};
    const auto* value = std::get_if<typename PropertyTraits<Type>::Value>(&found->second);
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
    properties_.insert_or_assign(tag.id, PropertyValue{std::move(value)});
  }
  /// Sets a property whose type is known at run time only (for readers of files and stores).
  void set(std::uint16_t id, PropertyValue value) {
    properties_.insert_or_assign(id, std::move(value));
  }
  void set(PropertyName name, PropertyValue value) {
    named_.insert_or_assign(std::move(name), std::move(value));
  }

  template <PropertyType Type>
  bool erase(Tag<Type> tag) {
    return properties_.erase(tag.id) != 0;
  }
  bool erase(const PropertyName& name) { return named_.erase(name) != 0; }

  /// Copies the property from another bag; a property absent there is removed here.
  template <PropertyType Type>
  void copy(Tag<Type> to, const PropertyBag& from, Tag<Type> tag) {
    if (const auto found = from.properties_.find(tag.id); found != from.properties_.end()) {
      properties_.insert_or_assign(to.id, found->second);
    } else {
      properties_.erase(to.id);
    }
  }

  [[nodiscard]] const PropertyValue* find(std::uint16_t id) const {
    const auto found = properties_.find(id);
    return found == properties_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const PropertyValue* find(const PropertyName& name) const {
    const auto found = named_.find(name);
    return found == named_.end() ? nullptr : &found->second;
  }
  /// A named text property; nullopt if it is absent or no text.
  [[nodiscard]] std::optional<std::string_view> get_text(const PropertyName& name) const {
    const auto* value = find(name);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    if (text == nullptr) return std::nullopt;
    return std::string_view{*text};
  }

  /// All properties in the order of their ids; all named ones in the order of their names.
  [[nodiscard]] const std::map<std::uint16_t, PropertyValue>& properties() const {
    return properties_;
  }
  [[nodiscard]] const std::map<PropertyName, PropertyValue>& named_properties() const {
    return named_;
  }

  friend bool operator==(const PropertyBag&, const PropertyBag&) = default;

 private:
  std::map<std::uint16_t, PropertyValue> properties_;
  std::map<PropertyName, PropertyValue> named_;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
