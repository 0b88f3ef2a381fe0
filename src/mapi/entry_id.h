// Entry ids: opaque octets by which a store or an address book names its objects.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#pragma GCC visibility push(default)
namespace postern::mapi {

/// Opaque to everyone but the provider that made it. Compare for equality only.
struct EntryId {
  std::vector<std::byte> bytes;

  [[nodiscard]] bool empty() const { return bytes.empty(); }
  friend bool operator==(const EntryId&, const EntryId&) = default;
  /// An arbitrary order, for containers.
  friend bool operator<(const EntryId& left, const EntryId& right) {
    return std::lexicographical_compare(left.bytes.begin(), left.bytes.end(), right.bytes.begin(),
                                        right.bytes.end());
  }
};

/// MAPIUID: names the provider of an object in the object's entry id.
using ProviderUid = std::array<std::byte, 16>;

}  // namespace postern::mapi
#pragma GCC visibility pop
