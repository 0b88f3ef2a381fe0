#include "session/contact_folder.h"

#include <array>
#include <span>
#include <utility>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "session/recipient_identity.h"

namespace postern::session {
namespace {

using Kind = AddressBookEntry::Kind;

// [MS-OXPROPS], PSETID_Address
constexpr std::uint32_t PidLidDistributionListName = 0x8053;
constexpr std::uint32_t PidLidDistributionListOneOffMembers = 0x8054;
constexpr std::uint32_t PidLidDistributionListMembers = 0x8055;
constexpr std::uint32_t PidLidDistributionListStream = 0x8064;

/// The numbers of the properties of a contact's addresses begin here, by ContactAddress; the others
/// of the same address have the offsets below.
constexpr std::array<std::uint32_t, 6> first_of_address{0x8080, 0x8090, 0x80A0,
                                                        0x80B0, 0x80C0, 0x80D0};
constexpr std::uint32_t address_type_offset = 2;    // PidLidEmail1AddressType
constexpr std::uint32_t email_address_offset = 3;   // PidLidEmail1EmailAddress
constexpr std::uint32_t original_entry_offset = 5;  // PidLidEmail1OriginalEntryId

mapi::PropertyName in_address_set(std::uint32_t number) {
  return {mapi::PSETID_Address, number};
}

template <class Value>
const Value* find_property(const mapi::PropertyBag& bag, std::uint32_t number) {
  const auto* value = bag.find(in_address_set(number));
  return value == nullptr ? nullptr : std::get_if<Value>(value);
}

bool is_of_class(const mapi::Message& object, std::string_view expected) {
  const auto name = object.get_or(mapi::PR_MESSAGE_CLASS, "");
  return equals_ignoring_case(name.substr(0, expected.size()), expected) &&
         (name.size() == expected.size() || name[expected.size()] == '.');
}

mapi::Recipient row_of(const mapi::Address& address) {
  mapi::Recipient row;
  row.set(mapi::PR_DISPLAY_NAME,
          address.display_name.empty() ? address.address : address.display_name);
  row.set(mapi::PR_ADDRTYPE, address.type);
  row.set(mapi::PR_EMAIL_ADDRESS, address.address);
  row.set(mapi::PR_ENTRYID, mapi::make_one_off(address).bytes);
  row.set(mapi::PR_SEARCH_KEY, mapi::make_search_key(address));
  row.set(mapi::PR_OBJECT_TYPE, mapi::MAPI_MAILUSER);
  return row;
}

mapi::Recipient list_row(const mapi::EntryId& list, std::string_view name) {
  mapi::Recipient row;
  row.set(mapi::PR_DISPLAY_NAME, std::string(name));
  row.set(mapi::PR_ADDRTYPE, std::string(mapi::MAPIPDL));
  if (!list.empty()) {
    row.set(mapi::PR_ENTRYID,
            wrap_entry_id({.kind = Kind::distribution_list, .object = list}).bytes);
  }
  row.set(mapi::PR_OBJECT_TYPE, mapi::MAPI_DISTLIST);
  row.set(mapi::PR_DISPLAY_TYPE, mapi::DT_PRIVATE_DISTLIST);
  return row;
}

mapi::Recipient unresolved_row(std::string_view name) {
  mapi::Recipient row;
  row.set(mapi::PR_DISPLAY_NAME, std::string(name));
  return row;
}

/// One member as it is stored: its entry id, and the one-off that was made of it.
struct Member {
  mapi::Binary entry_id;
  mapi::Binary one_off;
};

mapi::Recipient member_row(const Member& member, const std::string& list) {
  const auto entry = parse_address_book_entry(member.entry_id);
  const auto one_off = mapi::parse_one_off(member.one_off);
  const std::string name = one_off ? one_off->display_name : "a member of the list '" + list + "'";
  if (entry && entry->kind == Kind::distribution_list) return list_row(entry->object, name);
  if (entry && entry->kind == Kind::directory) {
    auto row = row_of({name, "EX", entry->legacy_dn});
    row.set(mapi::PR_ENTRYID, member.entry_id);
    if (one_off && equals_ignoring_case(one_off->type, "SMTP")) {
      row.set(mapi::PR_SMTP_ADDRESS, one_off->address);
    }
    return row;
  }
  if (one_off && !one_off->address.empty()) return row_of(*one_off);
  if (entry && entry->kind == Kind::one_off) {
    if (const auto own = mapi::parse_one_off(entry->object.bytes)) return row_of(*own);
  }
  auto row = unresolved_row(name);
  if (entry) row.set(mapi::PR_ENTRYID, member.entry_id);
  return row;
}

/// Takes `size` octets off the front; nullopt if there are fewer.
std::optional<std::span<const std::byte>> take(std::span<const std::byte>& rest, std::size_t size) {
  if (size > rest.size()) return std::nullopt;
  const auto taken = rest.first(size);
  rest = rest.subspan(size);
  return taken;
}

/// A 32-bit size, and so many octets.
std::optional<mapi::Binary> take_block(std::span<const std::byte>& rest) {
  const auto octets = take(rest, 4);
  if (!octets) return std::nullopt;
  std::uint32_t size = 0;
  for (std::size_t i = 4; i-- > 0;) {
    size = size << 8U | std::to_integer<std::uint32_t>((*octets)[i]);
  }
  const auto block = take(rest, size);
  if (!block) return std::nullopt;
  return mapi::Binary(block->begin(), block->end());
}

/// [MS-OXOCNTC] 2.2.2.2.4. The count is the stream's own word for it: the octets decide. A stream
/// that breaks off has one unreadable member at its end, so that it does not pass for a whole one.
std::vector<Member> members_of_stream(std::span<const std::byte> stream) {
  constexpr std::size_t header_size = 28;
  constexpr std::size_t count_at = 12;
  std::vector<Member> members;
  if (stream.size() < header_size) return members;
  auto count_field = stream.subspan(count_at);
  std::uint32_t count = 0;
  for (std::size_t i = 4; i-- > 0;) {
    count = count << 8U | std::to_integer<std::uint32_t>(count_field[i]);
  }
  auto rest = stream.subspan(header_size);
  for (; count > 0; --count) {
    auto entry_id = take_block(rest);
    auto one_off = entry_id ? take_block(rest) : std::nullopt;
    const auto extra = one_off ? take_block(rest) : std::nullopt;
    if (!extra) {
      members.emplace_back();
      break;
    }
    members.push_back({std::move(*entry_id), std::move(*one_off)});
  }
  return members;
}

std::vector<Member> members_of(const mapi::Message& list) {
  if (const auto* stream = find_property<mapi::Binary>(list, PidLidDistributionListStream)) {
    return members_of_stream(*stream);
  }
  using Binaries = std::vector<mapi::Binary>;
  std::vector<Member> members;
  if (const auto* entry_ids = find_property<Binaries>(list, PidLidDistributionListMembers)) {
    for (const auto& entry_id : *entry_ids) members.push_back({entry_id, {}});
  }
  if (const auto* one_offs = find_property<Binaries>(list, PidLidDistributionListOneOffMembers)) {
    if (members.empty()) members.resize(one_offs->size());
    for (std::size_t i = 0; i < one_offs->size() && i < members.size(); ++i) {
      members[i].one_off = (*one_offs)[i];
    }
  }
  return members;
}

}  // namespace

bool is_distribution_list(const mapi::Message& object) {
  return is_of_class(object, "IPM.DistList");
}

bool is_contact(const mapi::Message& object) {
  return is_of_class(object, "IPM.Contact");
}

std::string name_of(const mapi::Message& object) {
  if (const auto name = object.get_text(in_address_set(PidLidDistributionListName))) {
    return std::string(trim(*name));
  }
  return std::string(
      trim(object.get_or(mapi::PR_DISPLAY_NAME, object.get_or(mapi::PR_SUBJECT, ""))));
}

std::vector<mapi::Recipient> list_members(const mapi::Message& list) {
  const auto name = name_of(list);
  std::vector<mapi::Recipient> rows;
  for (const auto& member : members_of(list)) rows.push_back(member_row(member, name));
  return rows;
}

std::optional<mapi::Recipient> contact_row(const mapi::Message& contact, ContactAddress address) {
  const auto first = first_of_address.at(static_cast<std::size_t>(address));
  const auto text = [&contact, first](std::uint32_t offset) {
    return std::string(trim(contact.get_text(in_address_set(first + offset)).value_or("")));
  };
  mapi::Address found{name_of(contact), text(address_type_offset), text(email_address_offset)};
  if (const auto* entry_id = find_property<mapi::Binary>(contact, first + original_entry_offset)) {
    const auto one_off = mapi::parse_one_off(*entry_id);
    if (one_off && found.address.empty()) {
      found.type = one_off->type;
      found.address = one_off->address;
    }
    found.takes_rich_info = one_off && one_off->takes_rich_info;
  }
  if (found.type.empty() && mapi::is_smtp_address(found.address)) found.type = "SMTP";
  if (found.type.empty() || found.address.empty()) return std::nullopt;
  return row_of(found);
}

void ContactFolder::add(const mapi::Message& object, const mapi::EntryId& entry) {
  const bool is_list = is_distribution_list(object);
  if (!is_list && !is_contact(object)) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "'" + name_of(object) +
                            "' is no distribution list and no contact, but of the class '" +
                            std::string(object.get_or(mapi::PR_MESSAGE_CLASS, "")) + "'");
  }
  Object added{is_list, entry, name_of(object), {}, {}};
  if (is_list) added.members = list_members(object);
  for (const auto address :
       {ContactAddress::email_1, ContactAddress::email_2, ContactAddress::email_3,
        ContactAddress::business_fax, ContactAddress::home_fax, ContactAddress::primary_fax}) {
    if (auto row = is_list ? std::nullopt : contact_row(object, address)) {
      added.addresses.emplace(address, std::move(*row));
    }
  }
  if (!entry.empty()) by_entry_.emplace(entry, objects_.size());
  if (!added.name.empty()) by_name_.emplace(lower_case(added.name), objects_.size());
  objects_.push_back(std::move(added));
}

std::optional<mapi::Recipient> ContactFolder::find(std::string_view name) const {
  const auto found = by_name_.find(lower_case(trim(name)));
  if (found == by_name_.end()) return std::nullopt;
  const auto& object = objects_[found->second];
  if (object.is_list) return list_row(object.entry, object.name);
  if (object.addresses.empty()) return unresolved_row(object.name);
  return object.addresses.begin()->second;
}

const ContactFolder::Object* ContactFolder::object_of(const mapi::Recipient& row) const {
  if (const auto* entry_id = row.get(mapi::PR_ENTRYID)) {
    const auto entry = parse_address_book_entry(*entry_id);
    const auto found = by_entry_.find(entry ? entry->object : mapi::EntryId{*entry_id});
    if (found != by_entry_.end()) return &objects_[found->second];
  }
  const auto named = by_name_.find(lower_case(trim(row.get_or(mapi::PR_DISPLAY_NAME, ""))));
  if (named == by_name_.end()) return nullptr;
  const auto& object = objects_[named->second];
  return object.is_list == is_personal_list(row) ? &object : nullptr;
}

std::optional<std::vector<mapi::Recipient>> ContactFolder::resolve(
    const mapi::Recipient& row) const {
  const auto* object = object_of(row);
  if (object == nullptr) return std::nullopt;
  if (object->is_list) return object->members;
  if (object->addresses.empty()) return std::nullopt;
  auto wanted = object->addresses.begin();
  if (const auto* entry_id = row.get(mapi::PR_ENTRYID)) {
    const auto entry = parse_address_book_entry(*entry_id);
    if (entry && entry->kind == Kind::contact) wanted = object->addresses.find(entry->address);
  }
  if (wanted == object->addresses.end()) return std::nullopt;
  return std::vector{wanted->second};
}

}  // namespace postern::session
