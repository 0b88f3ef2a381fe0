#include "session/recipient_identity.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "session/address_book_entry.h"

namespace postern::session {
namespace {

using mapi::RecipientType;

/// The smaller, the more public. MAPI numbers To, Cc and Bcc in that order.
int privacy(const mapi::Recipient& row) {
  const auto type = mapi::recipient_type(row);
  return type ? static_cast<int>(*type) : static_cast<int>(RecipientType::bcc) + 1;
}

std::optional<AddressBookEntry> entry_of(const mapi::Recipient& row) {
  const auto* entry_id = row.get(mapi::PR_ENTRYID);
  return entry_id == nullptr ? std::nullopt : parse_address_book_entry(*entry_id);
}

mapi::Binary list_identity(const mapi::Recipient& row) {
  if (auto entry = entry_of(row)) return std::move(entry->object.bytes);
  if (const auto* entry_id = row.get(mapi::PR_ENTRYID)) return *entry_id;
  const auto name = row.get_or(mapi::PR_DISPLAY_NAME, row.get_or(mapi::PR_EMAIL_ADDRESS, ""));
  if (name.empty()) return {};
  return mapi::make_search_key({{}, std::string(mapi::MAPIPDL), std::string(name)});
}

/// Only the host of an SMTP address knows whether case matters in the local part, so two rows that
/// differ in it are two parties, as they are in the envelope. PR_SEARCH_KEY is coarser.
mapi::Binary address_identity(const mapi::Address& address) {
  if (!equals_ignoring_case(address.type, "SMTP")) return mapi::make_search_key(address);
  const auto key = "SMTP:" + mapi::mailbox_key(address.address);
  const auto octets = std::as_bytes(std::span(key));
  return {octets.begin(), octets.end()};
}

}  // namespace

bool is_p1(const mapi::Recipient& row) {
  return mapi::recipient_type(row) == RecipientType::p1;
}

bool is_personal_list(const mapi::Recipient& row) {
  const auto type = trim(row.get_or(mapi::PR_ADDRTYPE, ""));
  if (!type.empty()) return equals_ignoring_case(type, mapi::MAPIPDL);
  const auto entry = entry_of(row);
  return entry && entry->kind == AddressBookEntry::Kind::distribution_list;
}

mapi::Binary identity(const mapi::Recipient& row) {
  if (is_personal_list(row)) return list_identity(row);
  const auto type = trim(row.get_or(mapi::PR_ADDRTYPE, ""));
  const auto address = trim(row.get_or(mapi::PR_EMAIL_ADDRESS, ""));
  if (!type.empty() && !address.empty()) {
    return address_identity({{}, std::string(type), std::string(address)});
  }
  if (const auto* entry_id = row.get(mapi::PR_ENTRYID)) {
    if (const auto one_off = mapi::parse_one_off(*entry_id)) return address_identity(*one_off);
  }
  const auto* key = row.get(mapi::PR_SEARCH_KEY);
  return key == nullptr ? mapi::Binary{} : *key;
}

std::vector<mapi::Recipient> remove_duplicates(std::vector<mapi::Recipient>& rows) {
  using Key = std::pair<mapi::Binary, bool>;
  std::vector<Key> keys;
  keys.reserve(rows.size());
  std::map<Key, int> most_public;
  for (const auto& row : rows) {
    const auto& key = keys.emplace_back(identity(row), is_p1(row));
    const auto [found, is_new] = most_public.emplace(key, privacy(row));
    if (!is_new) found->second = std::min(found->second, privacy(row));
  }
  std::set<Key> kept;
  std::vector<mapi::Recipient> unique;
  std::vector<mapi::Recipient> removed;
  unique.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool names_somebody = !keys[i].first.empty();
    const bool is_most_public = privacy(rows[i]) == most_public.at(keys[i]);
    const bool stays = !names_somebody || (is_most_public && kept.insert(keys[i]).second);
    (stays ? unique : removed).push_back(std::move(rows[i]));
  }
  rows = std::move(unique);
  return removed;
}

}  // namespace postern::session
