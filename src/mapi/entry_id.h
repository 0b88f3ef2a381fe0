// Entry ids: opaque octets by which a store or an address book names its objects.
#pragma once

#include <compare>
#include <cstddef>
#include <vector>

namespace postern::mapi {

/// Opaque to everyone but the provider that made it. Compare for equality only.
struct EntryId {
  std::vector<std::byte> bytes;

  [[nodiscard]] bool empty() const { return bytes.empty(); }
  friend auto operator<=>(const EntryId&, const EntryId&) = default;
};

}  // namespace postern::mapi
