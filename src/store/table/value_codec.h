// Property bags as octets: the store's own compact encoding.
//
//   bag      version(1 octet) count property* count named*
//   property id(2) type(2) value             in the order of the ids
//   named    set(16) kind(1) number(4)|text type(2) value
//   value    fixed-size values little-endian; text and binary as count + octets;
//            multi-valued ones as count + values
//   count    7 bits an octet, lowest first, the high bit says that another one follows
//
// Equal bags give equal octets. Octets that do not follow this grammar to the last one are refused
// with MAPI_E_CORRUPT_STORE, in time and memory bounded by their size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "mapi/property_bag.h"

namespace postern::store {

/// The size of a value in memory in octets, without bookkeeping.
std::size_t value_size(const mapi::PropertyValue& value);

/// The size of all values of a bag together.
std::size_t values_size(const mapi::PropertyBag& bag);

/// Which properties of a bag are encoded: those with a value_size of at least `smallest` and less
/// than `beyond` octets whose id is not among `except`.
struct Selection {
  std::size_t smallest = 0;
  std::size_t beyond = std::numeric_limits<std::size_t>::max();
  std::span<const std::uint16_t> except;
};

std::vector<std::byte> encode(const mapi::PropertyBag& bag, const Selection& selection = {});

/// Whether the selection is empty.
bool nothing_selected(const mapi::PropertyBag& bag, const Selection& selection);

/// Adds the encoded properties to `bag`. Throws mapi::Failure(MAPI_E_CORRUPT_STORE).
void decode_into(mapi::PropertyBag& bag, std::span<const std::byte> octets);

}  // namespace postern::store
