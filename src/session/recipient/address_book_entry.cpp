#include "session/address_book_entry.h"

#include <algorithm>
#include <array>
#include <span>

#include "mapi/address.h"

namespace postern::session {
namespace {

using Kind = AddressBookEntry::Kind;
using Octets = std::span<const std::byte>;
using Uid = std::array<std::uint8_t, 16>;

constexpr Uid wrapped_provider{0xC0, 0x91, 0xAD, 0xD3, 0x51, 0x9D, 0xCF, 0x11,
                               0xA4, 0xA9, 0x00, 0xAA, 0x00, 0x47, 0xFA, 0xA4};
constexpr Uid contact_provider{0xFE, 0x42, 0xAA, 0x0A, 0x18, 0xC7, 0x1A, 0x10,
                               0xE8, 0x85, 0x0B, 0x65, 0x1C, 0x24, 0x00, 0x00};
constexpr Uid directory_provider{0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A,
                                 0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1, 0x82};

constexpr std::size_t entry_flags_size = 4;
constexpr std::size_t entry_header_size = entry_flags_size + std::tuple_size_v<Uid>;

// The type octet of a wrapped entry id.
constexpr unsigned wrapped_kind = 0x0F;
constexpr unsigned wrapped_address = 0x70;
constexpr unsigned wrapped_address_shift = 4;
constexpr unsigned wrapped_object = 0x80;  ///< what is wrapped is no one-off
constexpr unsigned wrapped_contact = 3;
constexpr unsigned wrapped_list = 4;

// Outlook's address book: the type field.
constexpr std::uint32_t book_contact = 4;
constexpr std::uint32_t book_list = 5;

bool is_made_by(Octets entry_id, const Uid& provider) {
  if (entry_id.size() < entry_header_size) return false;
  return std::ranges::equal(
      entry_id.subspan(entry_flags_size, provider.size()), provider,
      [](std::byte octet, std::uint8_t value) { return octet == std::byte{value}; });
}

mapi::EntryId entry_id_of(Octets octets) {
  return {{octets.begin(), octets.end()}};
}

std::optional<std::uint32_t> dword(Octets octets, std::size_t at) {
  if (octets.size() < at + 4) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;)
    value = value << 8U | std::to_integer<std::uint32_t>(octets[at + i]);
  return value;
}

/// Bits 4 to 6 of a wrapped contact's type: 3 is no electronic address, and names the first.
ContactAddress address_of_wrapped(unsigned type) {
  constexpr std::array addresses{ContactAddress::business_fax, ContactAddress::home_fax,
                                 ContactAddress::primary_fax,  ContactAddress::email_1,
                                 ContactAddress::email_1,      ContactAddress::email_2,
                                 ContactAddress::email_3,      ContactAddress::email_1};
  return addresses.at((type & wrapped_address) >> wrapped_address_shift);
}

unsigned wrapped_type_of(ContactAddress address) {
  switch (address) {
    case ContactAddress::email_1:
      return 4;
    case ContactAddress::email_2:
      return 5;
    case ContactAddress::email_3:
      return 6;
    case ContactAddress::business_fax:
      return 0;
    case ContactAddress::home_fax:
      return 1;
    case ContactAddress::primary_fax:
      return 2;
  }
  return 4;
}

/// Flags, provider, version, type, index, count, the object's entry id.
std::optional<AddressBookEntry> parse_contact_entry(Octets entry_id) {
  const auto type = dword(entry_id, entry_header_size + 4);
  const auto index = dword(entry_id, entry_header_size + 8);
  const auto count = dword(entry_id, entry_header_size + 12);
  constexpr std::size_t object_at = entry_header_size + 16;
  if (!count || *count > entry_id.size() - object_at) return std::nullopt;
  auto object = entry_id_of(entry_id.subspan(object_at, *count));
  if (*type == book_list) return AddressBookEntry{Kind::distribution_list, std::move(object)};
  constexpr auto last = static_cast<std::uint32_t>(ContactAddress::primary_fax);
  if (*type != book_contact || *index > last) return std::nullopt;
  return AddressBookEntry{Kind::contact, std::move(object), static_cast<ContactAddress>(*index)};
}

/// Flags, provider, version, type, the distinguished name and its NUL.
std::optional<AddressBookEntry> parse_directory_entry(Octets entry_id) {
  constexpr std::size_t name_at = entry_header_size + 8;
  if (entry_id.size() <= name_at) return std::nullopt;
  const auto octets = entry_id.subspan(name_at);
  std::string name(reinterpret_cast<const char*>(octets.data()), octets.size());
  name.erase(std::ranges::find(name, '\0'), name.end());
  if (name.empty()) return std::nullopt;
  return AddressBookEntry{
      .kind = Kind::directory, .object = entry_id_of(entry_id), .legacy_dn = name};
}

/// What stands without anything wrapped around it.
std::optional<AddressBookEntry> parse_plain(Octets entry_id) {
  if (is_made_by(entry_id, contact_provider)) return parse_contact_entry(entry_id);
  if (is_made_by(entry_id, directory_provider)) return parse_directory_entry(entry_id);
  auto object = entry_id_of(entry_id);
  if (mapi::parse_one_off(object.bytes)) return AddressBookEntry{Kind::one_off, std::move(object)};
  return std::nullopt;
}

}  // namespace

std::optional<AddressBookEntry> parse_address_book_entry(const mapi::Binary& entry_id) {
  const Octets octets(entry_id);
  if (!is_made_by(octets, wrapped_provider)) return parse_plain(octets);
  if (octets.size() <= entry_header_size + 1) return std::nullopt;
  const auto type = std::to_integer<unsigned>(octets[entry_header_size]);
  const auto wrapped = octets.subspan(entry_header_size + 1);
  switch (type & wrapped_kind) {
    case wrapped_contact:
      return AddressBookEntry{Kind::contact, entry_id_of(wrapped), address_of_wrapped(type)};
    case wrapped_list:
      return AddressBookEntry{Kind::distribution_list, entry_id_of(wrapped)};
    default:
      return parse_plain(wrapped);
  }
}

mapi::EntryId wrap_entry_id(const AddressBookEntry& entry) {
  if (entry.kind == Kind::one_off || entry.kind == Kind::directory) return entry.object;
  mapi::EntryId wrapped;
  wrapped.bytes.resize(entry_flags_size);
  for (const auto octet : wrapped_provider) wrapped.bytes.push_back(std::byte{octet});
  constexpr unsigned no_address = 3;
  const bool is_contact = entry.kind == Kind::contact;
  const auto address = is_contact ? wrapped_type_of(entry.address) : no_address;
  wrapped.bytes.push_back(static_cast<std::byte>(wrapped_object | address << wrapped_address_shift |
                                                 (is_contact ? wrapped_contact : wrapped_list)));
  wrapped.bytes.insert(wrapped.bytes.end(), entry.object.bytes.begin(), entry.object.bytes.end());
  return wrapped;
}

}  // namespace postern::session
