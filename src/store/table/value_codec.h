// Property bags as octets: the store's own compact encoding.
//
//   bag      version(1 octet) count property* count named*
//   property id(2) type(2) value             in the order of the ids
//   named    set(16) kind(1) number(4)|text type(2) value
//   value    fixed-size values little-endian; text and binary as count + octets;
//            multi-valued ones as count + values
//   count    7 bits an octet, lowest first, the high bit says that another one follows
//
// Bags may follow each other. A property by id that has the same value in the bag before has the
// type 0 then, and no value: the rows of recipients have most of what became of them in common.
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

/// Encodes the bag behind what `octets` has already; `before`: the bag that was encoded there last,
/// an empty one in front of the first.
void append_encoded(std::vector<std::byte>& octets, const mapi::PropertyBag& bag,
                    const mapi::PropertyBag& before);

/// Whether the selection is empty.
bool nothing_selected(const mapi::PropertyBag& bag, const Selection& selection);

/// Adds the encoded properties to `bag`. Throws mapi::Failure(MAPI_E_CORRUPT_STORE).
void decode_into(mapi::PropertyBag& bag, std::span<const std::byte> octets);

/// Adds the first encoded bag in `octets` to `bag`, and returns what follows it; `before`: the bag
/// that was decoded in front of it, else an empty one. Throws mapi::Failure(MAPI_E_CORRUPT_STORE).
std::span<const std::byte> decode_first(mapi::PropertyBag& bag, std::span<const std::byte> octets,
                                        const mapi::PropertyBag& before);

}  // namespace postern::store
