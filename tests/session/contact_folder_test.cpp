// Contacts and distribution lists as Outlook writes them ([MS-OXOCNTC]).
#include "session/contact_folder.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "session/list_expansion.h"
#include "session/recipient/one_off_text.h"

namespace postern::session {
namespace {

using testing::ElementsAre;
using Kind = AddressBookEntry::Kind;
using Binaries = std::vector<mapi::Binary>;

mapi::EntryId store_entry(unsigned number) {
  mapi::EntryId entry{mapi::Binary(70)};
  entry.bytes[69] = std::byte(number);
  return entry;
}

mapi::Binary one_off(const std::string& name, const std::string& address,
                     const std::string& type = "SMTP") {
  return mapi::make_one_off({name, type, address}).bytes;
}

mapi::Binary contact_id(unsigned number, ContactAddress address = ContactAddress::email_1) {
  return wrap_entry_id({.kind = Kind::contact, .object = store_entry(number), .address = address})
      .bytes;
}

mapi::Binary list_id(unsigned number) {
  return wrap_entry_id({.kind = Kind::distribution_list, .object = store_entry(number)}).bytes;
}

void set_in_address_set(mapi::Message& message, std::uint32_t number, mapi::PropertyValue value) {
  message.set(mapi::PropertyName{mapi::PSETID_Address, number}, std::move(value));
}

mapi::Message list_object(const std::string& name, Binaries members, Binaries one_offs = {}) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.DistList");
  set_in_address_set(message, 0x8053, name);
  set_in_address_set(message, 0x8055, std::move(members));
  if (!one_offs.empty()) set_in_address_set(message, 0x8054, std::move(one_offs));
  return message;
}

mapi::Message contact_object(const std::string& name, const std::string& address) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Contact.Company");
  message.set(mapi::PR_DISPLAY_NAME, name);
  set_in_address_set(message, 0x8082, std::string("SMTP"));
  set_in_address_set(message, 0x8083, address);
  return message;
}

/// "name[TYPE:address]"
std::vector<std::string> texts(const std::vector<mapi::Recipient>& rows) {
  std::vector<std::string> result;
  for (const auto& row : rows) {
    result.push_back(one_off_text({std::string(row.get_or(mapi::PR_DISPLAY_NAME, "")),
                                   std::string(row.get_or(mapi::PR_ADDRTYPE, "")),
                                   std::string(row.get_or(mapi::PR_EMAIL_ADDRESS, ""))}));
  }
  return result;
}

void append(mapi::Binary& stream, std::size_t value, int octets = 4) {
  for (; octets > 0; --octets, value >>= 8U) stream.push_back(std::byte(value & 0xFFU));
}

void append_block(mapi::Binary& stream, const mapi::Binary& block) {
  append(stream, block.size());
  stream.insert(stream.end(), block.begin(), block.end());
}

mapi::Binary stream_of(const Binaries& members, const Binaries& one_offs) {
  mapi::Binary stream;
  append(stream, 1, 2);
  append(stream, 0, 2);
  append(stream, 0x0F0F);
  append(stream, 0);
  append(stream, members.size());
  for (int i = 0; i < 3; ++i) append(stream, 0);
  for (std::size_t i = 0; i < members.size(); ++i) {
    append_block(stream, members[i]);
    append_block(stream, one_offs[i]);
    append_block(stream, {});
  }
  append(stream, 0);
  append(stream, 0);
  return stream;
}

TEST(ListMembers, HaveTheAddressesWrittenIntoTheList) {
  const auto message =
      list_object("Team", {contact_id(1), one_off("Bob", "bob@example.com"), list_id(2)},
                  {one_off("Ann", "ann@example.com"), one_off("Bob", "bob@example.com"),
                   one_off("Berlin", "", "MAPIPDL")});
  EXPECT_THAT(
      texts(list_members(message)),
      ElementsAre("Ann[SMTP:ann@example.com]", "Bob[SMTP:bob@example.com]", "Berlin[MAPIPDL:]"));
  EXPECT_EQ(name_of(message), "Team");
}

TEST(ListMembers, TheStreamOfALongListComesFirst) {
  auto message = list_object("Team", {contact_id(1)}, {one_off("Old", "old@example.com")});
  const Binaries members{contact_id(1), one_off("Bob", "bob@example.com")};
  const Binaries one_offs{one_off("Ann", "ann@example.com"), {}};
  const auto stream = stream_of(members, one_offs);
  set_in_address_set(message, 0x8064, stream);
  EXPECT_THAT(texts(list_members(message)),
              ElementsAre("Ann[SMTP:ann@example.com]", "Bob[SMTP:bob@example.com]"));
}

TEST(ListMembers, AStreamThatBreaksOffShowsIt) {
  const auto whole = stream_of({contact_id(1), contact_id(2)},
                               {one_off("Ann", "ann@example.com"), one_off("Bob", "bob@x.org")});
  for (std::size_t size = 28; size + 8 < whole.size(); ++size) {
    auto message = list_object("Team", {});
    set_in_address_set(
        message, 0x8064,
        mapi::Binary(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    const auto rows = list_members(message);
    ASSERT_FALSE(rows.empty()) << size;
    EXPECT_EQ(rows.back().get(mapi::PR_EMAIL_ADDRESS), std::nullopt) << size;
    EXPECT_EQ(rows.back().get(mapi::PR_DISPLAY_NAME), "a member of the list 'Team'");
  }
}

TEST(ListMembers, PeopleOfADirectoryKeepTheirNameThere) {
  mapi::Binary directory(4);
  for (const unsigned octet :
       {0xDCU, 0xA7U, 0x40U, 0xC8U, 0xC0U, 0x42U, 0x10U, 0x1AU, 0xB4U, 0xB9U, 0x08U, 0x00U,
        0x2BU, 0x2FU, 0xE1U, 0x82U, 1U,    0U,    0U,    0U,    0U,    0U,    0U,    0U}) {
    directory.push_back(std::byte(octet));
  }
  for (const char c : std::string("/o=Org/cn=ann")) directory.push_back(std::byte(c));
  directory.push_back(std::byte{0});
  const auto rows =
      list_members(list_object("Team", {directory}, {one_off("Ann", "ann@example.com")}));
  EXPECT_THAT(texts(rows), ElementsAre("Ann[EX:/o=Org/cn=ann]"));
  EXPECT_EQ(rows[0].get(mapi::PR_SMTP_ADDRESS), "ann@example.com");
}

TEST(ListMembers, AnUnreadableMemberIsNotPassedOverInSilence) {
  EXPECT_THAT(texts(list_members(list_object("Team", {mapi::Binary(3), {}}))),
              ElementsAre("a member of the list 'Team'[:]", "a member of the list 'Team'[:]"));
}

TEST(ContactRow, HasTheAddressThatWasAskedFor) {
  auto ann = contact_object("Ann", "ann@example.com");
  set_in_address_set(ann, 0x8093, std::string("ann@work.example"));
  set_in_address_set(ann, 0x80B2, std::string("FAX"));
  set_in_address_set(ann, 0x80B3, std::string("Ann@+49 30 1234"));
  EXPECT_THAT(
      texts({*contact_row(ann, ContactAddress::email_1), *contact_row(ann, ContactAddress::email_2),
             *contact_row(ann, ContactAddress::business_fax)}),
      ElementsAre("Ann[SMTP:ann@example.com]", "Ann[SMTP:ann@work.example]",
                  "Ann[FAX:Ann@+49 30 1234]"));
  EXPECT_EQ(contact_row(ann, ContactAddress::email_3), std::nullopt);
}

TEST(AddressBookEntry, IsReadAsItIsWritten) {
  for (const auto address :
       {ContactAddress::email_1, ContactAddress::email_2, ContactAddress::email_3,
        ContactAddress::business_fax, ContactAddress::home_fax, ContactAddress::primary_fax}) {
    const auto entry = parse_address_book_entry(contact_id(7, address));
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->kind, Kind::contact);
    EXPECT_EQ(entry->object, store_entry(7));
    EXPECT_EQ(entry->address, address);
  }
  EXPECT_EQ(parse_address_book_entry(list_id(7))->kind, Kind::distribution_list);
  EXPECT_EQ(contact_id(7)[20], std::byte{0xC3}) << "as Outlook writes a contact's first address";
  EXPECT_EQ(list_id(7)[20], std::byte{0xB4});
}

/// As recipients from Outlook's address book have it ([MS-OXCDATA] 2.2.5.3).
mapi::Binary book_entry(unsigned type, unsigned index, unsigned number) {
  mapi::Binary entry(4);
  for (const unsigned octet : {0xFEU, 0x42U, 0xAAU, 0x0AU, 0x18U, 0xC7U, 0x1AU, 0x10U, 0xE8U, 0x85U,
                               0x0BU, 0x65U, 0x1CU, 0x24U, 0x00U, 0x00U}) {
    entry.push_back(std::byte(octet));
  }
  append(entry, 3);
  append(entry, type);
  append(entry, index);
  append_block(entry, store_entry(number).bytes);
  return entry;
}

TEST(AddressBookEntry, ThatOfOutlooksAddressBookNamesTheSameObject) {
  const auto second = parse_address_book_entry(book_entry(4, 1, 7));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->object, store_entry(7));
  EXPECT_EQ(second->address, ContactAddress::email_2);
  EXPECT_EQ(parse_address_book_entry(book_entry(5, 255, 7))->kind, Kind::distribution_list);
  EXPECT_FALSE(parse_address_book_entry(book_entry(4, 6, 7)));
  for (auto cut = book_entry(5, 255, 7); !cut.empty();) {
    cut.pop_back();
    EXPECT_FALSE(parse_address_book_entry(cut)) << cut.size();
  }
}

TEST(ContactFolder, ListsAreFoundByEntryIdAndByName) {
  ContactFolder folder;
  folder.add(list_object("Team", {one_off("Bob", "bob@example.com"), list_id(2)}), store_entry(1));
  folder.add(list_object("Berlin", {one_off("Carl", "carl@example.com")}), store_entry(2));
  mapi::Recipient by_entry;
  by_entry.set(mapi::PR_ENTRYID, list_id(1));
  const auto by_name = folder.find(" TEAM ");
  ASSERT_TRUE(by_name);
  for (const auto& row : {by_entry, *by_name}) {
    const auto rows = expand_lists(
        {row}, [&folder](const mapi::Recipient& asked) { return folder.resolve(asked); });
    EXPECT_THAT(texts(rows),
                ElementsAre("Bob[SMTP:bob@example.com]", "Carl[SMTP:carl@example.com]"));
  }
}

TEST(ContactFolder, ListsFromFilesAreFoundByName) {
  ContactFolder folder;
  folder.add(list_object("Team", {list_id(2)}, {one_off("Berlin", "Unknown", "MAPIPDL")}));
  folder.add(list_object("Berlin", {one_off("Carl", "carl@example.com")}));
  const auto rows = expand_lists({*folder.find("Team")}, [&folder](const mapi::Recipient& asked) {
    return folder.resolve(asked);
  });
  EXPECT_THAT(texts(rows), ElementsAre("Carl[SMTP:carl@example.com]"));
}

TEST(ContactFolder, ContactsAreFoundByEntryIdAndByName) {
  auto ann = contact_object("Ann", "ann@example.com");
  set_in_address_set(ann, 0x8093, std::string("ann@work.example"));
  ContactFolder folder;
  folder.add(ann, store_entry(1));
  mapi::Recipient second;
  second.set(mapi::PR_ENTRYID, book_entry(4, 1, 1));
  mapi::Recipient named;
  named.set(mapi::PR_DISPLAY_NAME, "ann");
  EXPECT_THAT(texts(*folder.resolve(second)), ElementsAre("Ann[SMTP:ann@work.example]"));
  EXPECT_THAT(texts(*folder.resolve(named)), ElementsAre("Ann[SMTP:ann@example.com]"));
  second.set(mapi::PR_ENTRYID, book_entry(4, 2, 1));
  EXPECT_EQ(folder.resolve(second), std::nullopt) << "it has no third address";
  EXPECT_EQ(folder.resolve(mapi::Recipient{}), std::nullopt);
}

TEST(ContactFolder, TakesNothingElse) {
  mapi::Message note;
  note.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  try {
    ContactFolder().add(note);
    FAIL() << "a note was taken";
  } catch (const mapi::Failure& failure) {
    EXPECT_EQ(failure.code(), mapi::MAPI_E_INVALID_PARAMETER);
    EXPECT_THAT(failure.what(), testing::HasSubstr("IPM.Note"));
  }
}

}  // namespace
}  // namespace postern::session
