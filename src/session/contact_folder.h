// Contacts and personal distribution lists as message objects: who is in a list, which addresses a
// contact has ([MS-OXOCNTC]), and a folder of them that recipients are looked up in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/entry_id.h"
#include "mapi/message.h"
#include "session/address_book_entry.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// Whether the message class is IPM.DistList or IPM.Contact, or one derived from it.
bool is_distribution_list(const mapi::Message& object);
bool is_contact(const mapi::Message& object);

/// The name under which people know the contact or list.
std::string name_of(const mapi::Message& object);

/// The members of a distribution list as recipient rows without a type, in their order: from
/// PidLidDistributionListStream if there is one, else from PidLidDistributionListMembers and
/// -OneOffMembers. Lists within it are rows of the type MAPIPDL; contacts have the address that was
/// written into the list with them. A member that cannot be read is a row with a name only.
std::vector<mapi::Recipient> list_members(const mapi::Message& list);

/// One of the contact's addresses as a row without a type; nullopt if it has none there.
std::optional<mapi::Recipient> contact_row(const mapi::Message& contact, ContactAddress address);

/// Contacts and lists, by the entry ids and names that recipients have them by.
class ContactFolder {
 public:
  /// Adds a contact or list. Files carry no entry id, objects in a store do. An object is known by
  /// its entry id and by its name, compared without case; of several with one name, the first.
  /// Throws mapi::Failure(MAPI_E_INVALID_PARAMETER) for an object of another class.
  void add(const mapi::Message& object, const mapi::EntryId& entry = {});

  /// The row to address the list or contact of that name with; nullopt if there is none.
  [[nodiscard]] std::optional<mapi::Recipient> find(std::string_view name) const;

  /// A RecipientResolver: the object that the row's entry id names, else, of a row without an
  /// address, the one that its display name names.
  [[nodiscard]] std::optional<std::vector<mapi::Recipient>> resolve(
      const mapi::Recipient& row) const;

 private:
  struct Object {
    bool is_list;
    mapi::EntryId entry;
    std::string name;
    std::vector<mapi::Recipient> members;
    std::map<ContactAddress, mapi::Recipient> addresses;
  };
  [[nodiscard]] const Object* object_of(const mapi::Recipient& row) const;

  std::vector<Object> objects_;
  std::map<mapi::EntryId, std::size_t> by_entry_;
  std::map<std::string, std::size_t> by_name_;
};

}  // namespace postern::session
#pragma GCC visibility pop
