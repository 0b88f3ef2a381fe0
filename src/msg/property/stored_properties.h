// The properties of one object as stored: the property stream joined with the value streams
// (mapi-to-mime.md §1.2), not yet decoded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "msg/compound/compound_file.h"

namespace postern::msg {

/// The sizes of the headers before the entries of a property stream.
inline constexpr std::size_t root_header_size = 32;
inline constexpr std::size_t embedded_header_size = 24;
inline constexpr std::size_t row_header_size = 8;
inline constexpr std::size_t property_entry_size = 16;

struct StoredProperty {
  std::uint16_t id = 0;
  std::uint16_t type = 0;
  /// The value field of the entry, if there is an entry: the value itself of a fixed-size type.
  std::optional<std::array<std::byte, 8>> value{};
  /// The value stream, if there is one.
  const DirectoryEntry* stream = nullptr;
  /// The streams of a list's elements, in their order.
  std::vector<const DirectoryEntry*> elements{};
};

/// One for each id. Streams without an entry are treated as if they had one; an entry of type
/// UNICODE gets the STRING8 stream if only that exists, and the other way round. `octets` is the
/// property stream; a fragment at its end is ignored. Throws TooComplex above 65,536 entries.
std::vector<StoredProperty> stored_properties(const DirectoryEntry& storage,
                                              const std::vector<std::byte>& octets,
                                              std::size_t header_size);

}  // namespace postern::msg
