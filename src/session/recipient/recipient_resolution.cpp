#include "session/recipient_resolution.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "session/recipient/one_off_text.h"

namespace postern::session {
namespace {

constexpr std::string_view smtp_type = "SMTP";

/// Some programs write the type UNKNOWN where they have none.
bool is_known(std::string_view type) {
  return !type.empty() && !equals_ignoring_case(type, "UNKNOWN");
}

std::string type_of(const mapi::Recipient& row) {
  const auto type = trim(row.get_or(mapi::PR_ADDRTYPE, ""));
  return is_known(type) ? std::string(type) : std::string();
}

std::string address_of(const mapi::Recipient& row) {
  return std::string(trim(row.get_or(mapi::PR_EMAIL_ADDRESS, "")));
}

std::optional<mapi::Address> one_off_of(const mapi::Recipient& row) {
  const auto* entry_id = row.get(mapi::PR_ENTRYID);
  return entry_id == nullptr ? std::nullopt : mapi::parse_one_off(*entry_id);
}

bool has_address(const mapi::Recipient& row) {
  return !type_of(row).empty() && !address_of(row).empty();
}

bool is_of(const mapi::Recipient& row, const mapi::Address& address) {
  return equals_ignoring_case(type_of(row), address.type) &&
         equals_ignoring_case(address_of(row), address.address);
}

void set_type_and_address(mapi::Recipient& row, const mapi::Address& address) {
  row.set(mapi::PR_ADDRTYPE, address.type);
  row.set(mapi::PR_EMAIL_ADDRESS, address.address);
}

/// A type or address that is there must be the one-off's: half an address of each is nobody's.
void fill_from_one_off(mapi::Recipient& row, const mapi::Address& one_off) {
  const auto type = type_of(row);
  const auto address = address_of(row);
  if (one_off.address.empty() || !is_known(one_off.type)) return;
  const bool type_fits = type.empty() || equals_ignoring_case(type, one_off.type);
  const bool address_fits = address.empty() || equals_ignoring_case(address, one_off.address);
  if (type_fits && address_fits && (type.empty() || address.empty()))
    set_type_and_address(row, one_off);
}

void fill_from_text(mapi::Recipient& row) {
  if (!type_of(row).empty()) return;
  const auto address = address_of(row);
  const auto text = address.empty() ? row.get_or(mapi::PR_DISPLAY_NAME, "") : address;
  const auto found = parse_one_off_text(text);
  if (!found) return;
  const bool name_is_text = row.get_or(mapi::PR_DISPLAY_NAME, "") == text;
  set_type_and_address(row, *found);
  if (name_is_text) row.set(mapi::PR_DISPLAY_NAME, found->display_name);
}

/// The SMTP address of a row that is an SMTP row or is to become one. Of one that says to be one,
/// the same sources count as for the envelope.
std::optional<std::string> smtp_address_of(const mapi::Recipient& row,
                                           const std::optional<mapi::Address>& one_off,
                                           const std::vector<std::string>& directory_types) {
  const auto type = type_of(row);
  if (equals_ignoring_case(type, smtp_type)) return mapi::smtp_address(row, mapi::recipient_group);
  const bool is_of_directory = std::ranges::any_of(
      directory_types,
      [&type](const std::string& directory) { return equals_ignoring_case(directory, type); });
  if (!type.empty() && !is_of_directory) return std::nullopt;
  const auto address = trim(row.get_or(mapi::PR_SMTP_ADDRESS, ""));
  if (mapi::is_smtp_address(address)) return std::string(address);
  const bool has_one = one_off && equals_ignoring_case(one_off->type, smtp_type) &&
                       mapi::is_smtp_address(one_off->address);
  return has_one ? std::optional(one_off->address) : std::nullopt;
}

void become_smtp(mapi::Recipient& row, const std::string& address) {
  row.set(mapi::PR_ADDRTYPE, std::string(smtp_type));
  row.set(mapi::PR_EMAIL_ADDRESS, address);
  row.set(mapi::PR_SMTP_ADDRESS, address);
}

/// In rows from a list, PR_ORIGINAL_DISPLAY_NAME is the list's, and PR_ORIGINAL_ENTRYID with it. A
/// one-off that has only the address for a name says nothing about names.
void restore_display_name(mapi::Recipient& row, const std::optional<mapi::Address>& one_off) {
  const auto original = row.get_or(mapi::PR_ORIGINAL_DISPLAY_NAME, "");
  if (!original.empty() && row.get(mapi::PR_ORIGINAL_ENTRYID) == nullptr) {
    row.set(mapi::PR_DISPLAY_NAME, std::string(original));
  } else if (one_off && is_of(row, *one_off) && !trim(one_off->display_name).empty() &&
             !equals_ignoring_case(one_off->display_name, one_off->address)) {
    row.set(mapi::PR_DISPLAY_NAME, one_off->display_name);
  } else if (trim(row.get_or(mapi::PR_DISPLAY_NAME, "")).empty()) {
    row.set(mapi::PR_DISPLAY_NAME, address_of(row));
  }
}

void set_entry_id(mapi::Recipient& row) {
  const bool may_take_rich_info = row.get_or(mapi::PR_SEND_RICH_INFO, true);
  const auto entry_id = mapi::create_one_off(
      {std::string(row.get_or(mapi::PR_DISPLAY_NAME, "")), type_of(row), address_of(row)},
      may_take_rich_info ? 0 : mapi::MAPI_SEND_NO_RICH_INFO);
  row.set(mapi::PR_ENTRYID, entry_id.bytes);
  row.erase(mapi::PR_RECORD_KEY);  // it was that of the entry id
}

/// As the entry id says, unless the row says so itself.
void set_send_rich_info(mapi::Recipient& row) {
  if (row.get(mapi::PR_SEND_RICH_INFO)) return;
  const auto one_off = one_off_of(row);
  if (!one_off) return;
  const bool is_internet_address = equals_ignoring_case(type_of(row), smtp_type);
  row.set(mapi::PR_SEND_RICH_INFO, one_off->takes_rich_info && !is_internet_address);
}

std::string disagreement(const mapi::Recipient& row, const mapi::Address& one_off) {
  return "the entry id of the recipient '" + std::string(row.get_or(mapi::PR_DISPLAY_NAME, "")) +
         "' names '" + one_off.type + ':' + one_off.address + "', but its address is '" +
         type_of(row) + ':' + address_of(row) + "'; the message goes to the latter";
}

}  // namespace

std::string resolve_recipient(mapi::Recipient& row,
                              const std::vector<std::string>& directory_types) {
  const auto one_off = one_off_of(row);
  const auto type_before = type_of(row);
  if (one_off) fill_from_one_off(row, *one_off);
  fill_from_text(row);
  if (const auto address = smtp_address_of(row, one_off, directory_types))
    become_smtp(row, *address);
  if (!has_address(row)) return {};
  restore_display_name(row, one_off);
  const bool is_custom = !type_before.empty() && !equals_ignoring_case(type_before, type_of(row));
  const bool disagrees = one_off && !is_of(row, *one_off);
  if (row.get(mapi::PR_ENTRYID) == nullptr || is_custom || disagrees) set_entry_id(row);
  set_send_rich_info(row);
  row.set(mapi::PR_SEARCH_KEY, mapi::make_search_key({{}, type_of(row), address_of(row)}));
  const bool is_to_be_said = disagrees && !is_custom && is_known(one_off->type);
  return is_to_be_said ? disagreement(row, *one_off) : std::string();
}

}  // namespace postern::session
