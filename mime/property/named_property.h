// A named property, found by its set and number.
#pragma once

#include <cstdint>
#include <variant>

#include "mapi/property_bag.h"

namespace postern::mime {

/// The property; null if it is absent or of another type.
template <class Value>
const Value* find_named(const mapi::PropertyBag& bag, const mapi::Guid& set, std::uint32_t number) {
  const auto* value = bag.find(mapi::PropertyName{set, number});
  return value == nullptr ? nullptr : std::get_if<Value>(value);
}

template <class Value>
Value named_or(const mapi::PropertyBag& bag, const mapi::Guid& set, std::uint32_t number,
               Value otherwise) {
  const auto* value = find_named<Value>(bag, set, number);
  return value == nullptr ? std::move(otherwise) : *value;
}

}  // namespace postern::mime
