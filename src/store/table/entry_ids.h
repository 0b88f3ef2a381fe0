// Entry ids of the store's objects: four octets of flags (0), the store's uid where MAPI puts the
// provider's (mapi-submission.md §7, bytes 4-19), a version, a kind, and the object's number.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "mapi/entry_id.h"

namespace postern::store {

/// 16 random octets made with the store; two stores never have the same.
struct StoreUid {
  std::array<std::byte, 16> bytes{};
  friend auto operator<=>(const StoreUid&, const StoreUid&) = default;
};

[[nodiscard]] StoreUid make_store_uid();

enum class ObjectKind : std::uint8_t { folder = 1, message = 2, store = 3 };

mapi::EntryId make_entry_id(const StoreUid& store, ObjectKind kind, std::int64_t number);

/// The number of the object. Throws mapi::Failure: MAPI_E_INVALID_ENTRYID if the octets are no
/// entry id of this kind, MAPI_E_NOT_FOUND for one of another store.
std::int64_t parse_entry_id(const mapi::EntryId& entry, const StoreUid& store, ObjectKind kind);

}  // namespace postern::store
