// Entry ids of address books: contacts and distribution lists in an Outlook folder, and people in
// an Exchange directory ([MS-OXCDATA] 2.2.5.2 to 2.2.5.4, [MS-OXOCNTC] 2.2.2.2.4.1.1).
//
// Functions of values: they throw nothing but std::bad_alloc, and malformed input gives nullopt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mapi/entry_id.h"
#include "mapi/property_type.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// The electronic addresses that a contact can have.
enum class ContactAddress : std::uint8_t {
  email_1,
  email_2,
  email_3,
  business_fax,
  home_fax,
  primary_fax,
};

/// What an entry id names.
struct AddressBookEntry {
  enum class Kind : std::uint8_t {
    one_off,            ///< a name and an address; `object` is the one-off entry id
    contact,            ///< `address` of the contact that `object` names
    distribution_list,  ///< the personal distribution list that `object` names
    directory,          ///< an Exchange user or list: `legacy_dn`
  };
  Kind kind = Kind::one_off;
  /// The entry id without what is wrapped around it: two that name the same object are equal.
  mapi::EntryId object;
  ContactAddress address = ContactAddress::email_1;
  std::string legacy_dn{};  ///< "/o=…/cn=…": the PR_EMAIL_ADDRESS of the type EX
};

/// Reads one-off entry ids, wrapped ones (as distribution lists have them), those that Outlook's
/// address book makes, and those of an Exchange directory. Nullopt for any other.
std::optional<AddressBookEntry> parse_address_book_entry(const mapi::Binary& entry_id);

/// A wrapped entry id of a contact's address, of a distribution list, or a one-off as it is.
mapi::EntryId wrap_entry_id(const AddressBookEntry& entry);

}  // namespace postern::session
#pragma GCC visibility pop
