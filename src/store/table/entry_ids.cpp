#include "store/table/entry_ids.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <string>

#include "mapi/error.h"
#include "store/display_id.h"

namespace postern::store {
namespace {

constexpr std::size_t flags_size = 4;
constexpr std::size_t version_at = flags_size + sizeof(StoreUid);
constexpr std::size_t kind_at = version_at + 1;
constexpr std::size_t number_at = kind_at + 1;
constexpr std::size_t entry_id_size = number_at + sizeof(std::int64_t);
constexpr std::byte entry_id_version{1};

std::string kind_name(ObjectKind kind) {
  return kind == ObjectKind::folder ? "folder" : "message";
}

struct EntryIdParts {
  StoreUid store;
  std::int64_t number = 0;
};

bool is_well_formed(const mapi::EntryId& entry, ObjectKind kind) {
  return entry.bytes.size() == entry_id_size &&
         std::all_of(entry.bytes.begin(), entry.bytes.begin() + flags_size,
                     [](std::byte b) { return b == std::byte{}; }) &&
         entry.bytes[version_at] == entry_id_version &&
         entry.bytes[kind_at] == static_cast<std::byte>(kind);
}

EntryIdParts split(const mapi::EntryId& entry, ObjectKind kind) {
  if (!is_well_formed(entry, kind)) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_ENTRYID,
                        "an entry id of " + std::to_string(entry.bytes.size()) +
                            " octets names no " + kind_name(kind) + " of a Postern store");
  }
  EntryIdParts parts;
  std::copy_n(entry.bytes.begin() + flags_size, sizeof(StoreUid), parts.store.bytes.begin());
  std::uint64_t number = 0;
  for (auto at = entry_id_size; at > number_at; --at) {
    number = (number << 8) | static_cast<std::uint8_t>(entry.bytes[at - 1]);
  }
  parts.number = static_cast<std::int64_t>(number);
  return parts;
}

}  // namespace

StoreUid make_store_uid() {
  StoreUid uid;
  std::random_device random;
  std::ranges::generate(uid.bytes, [&random] { return static_cast<std::byte>(random() & 0xFF); });
  return uid;
}

mapi::EntryId make_entry_id(const StoreUid& store, ObjectKind kind, std::int64_t number) {
  mapi::EntryId entry;
  entry.bytes.resize(entry_id_size);
  std::ranges::copy(store.bytes, entry.bytes.begin() + flags_size);
  entry.bytes[version_at] = entry_id_version;
  entry.bytes[kind_at] = static_cast<std::byte>(kind);
  auto rest = static_cast<std::uint64_t>(number);
  for (auto at = number_at; at < entry_id_size; ++at, rest >>= 8) {
    entry.bytes[at] = static_cast<std::byte>(rest & 0xFF);
  }
  return entry;
}

std::int64_t parse_entry_id(const mapi::EntryId& entry, const StoreUid& store, ObjectKind kind) {
  const auto parts = split(entry, kind);
  if (parts.store != store) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND,
                        "the entry id names a " + kind_name(kind) + " of another store");
  }
  return parts.number;
}

std::string display_id(const mapi::EntryId& entry) {
  return std::to_string(split(entry, ObjectKind::message).number);
}

mapi::EntryId entry_of(const mapi::MsgStore& store, std::string_view display_id) {
  std::int64_t number = 0;
  const auto* const end = display_id.data() + display_id.size();
  const auto [stop, error] = std::from_chars(display_id.data(), end, number);
  if (error != std::errc{} || stop != end || number < 1) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_ENTRYID,
                        "'" + std::string(display_id) + "' is no message number");
  }
  const auto outbox = split(store.folder(mapi::SpecialFolder::outbox), ObjectKind::folder);
  return make_entry_id(outbox.store, ObjectKind::message, number);
}

}  // namespace postern::store
