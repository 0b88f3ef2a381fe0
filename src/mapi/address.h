// Addresses in MAPI: one-off entry ids, search keys, and the SMTP address of a group of address
// properties (mapi-submission.md §11, mapi-to-mime.md §2).
//
// Functions of values: they throw nothing but std::bad_alloc, and malformed input gives nullopt or
// an empty result.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mapi/entry_id.h"
#include "mapi/message.h"
#include "mapi/property_tags.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// A name and an address with its type ("SMTP", "EX", …), UTF-8.
struct Address {
  std::string display_name;
  std::string type;
  std::string address;
  bool takes_rich_info = false;  ///< rich information (TNEF) may be sent there
  friend bool operator==(const Address&, const Address&) = default;
};

/// The properties that together name one party (§2.1), at the ids of one role.
struct AddressGroup {
  Tag<PropertyType::binary> entry_id;
  Tag<PropertyType::unicode> display_name;
  Tag<PropertyType::unicode> address_type;
  Tag<PropertyType::unicode> email_address;
  Tag<PropertyType::unicode> smtp_address;
  Tag<PropertyType::binary> search_key;
};
inline constexpr AddressGroup recipient_group{PR_ENTRYID,       PR_DISPLAY_NAME, PR_ADDRTYPE,
                                              PR_EMAIL_ADDRESS, PR_SMTP_ADDRESS, PR_SEARCH_KEY};
inline constexpr AddressGroup sender_group{PR_SENDER_ENTRYID,      PR_SENDER_NAME,
                                           PR_SENDER_ADDRTYPE,     PR_SENDER_EMAIL_ADDRESS,
                                           PR_SENDER_SMTP_ADDRESS, PR_SENDER_SEARCH_KEY};
inline constexpr AddressGroup sent_representing_group{
    PR_SENT_REPRESENTING_ENTRYID,      PR_SENT_REPRESENTING_NAME,
    PR_SENT_REPRESENTING_ADDRTYPE,     PR_SENT_REPRESENTING_EMAIL_ADDRESS,
    PR_SENT_REPRESENTING_SMTP_ADDRESS, PR_SENT_REPRESENTING_SEARCH_KEY};
inline constexpr AddressGroup read_receipt_group{
    PR_READ_RECEIPT_ENTRYID,       PR_READ_RECEIPT_NAME,         PR_READ_RECEIPT_ADDRTYPE,
    PR_READ_RECEIPT_EMAIL_ADDRESS, PR_READ_RECEIPT_SMTP_ADDRESS, PR_READ_RECEIPT_SEARCH_KEY};
inline constexpr AddressGroup received_by_group{
    PR_RECEIVED_BY_ENTRYID,       PR_RECEIVED_BY_NAME,         PR_RECEIVED_BY_ADDRTYPE,
    PR_RECEIVED_BY_EMAIL_ADDRESS, PR_RECEIVED_BY_SMTP_ADDRESS, PR_RECEIVED_BY_SEARCH_KEY};
inline constexpr AddressGroup rcvd_representing_group{
    PR_RCVD_REPRESENTING_ENTRYID,      PR_RCVD_REPRESENTING_NAME,
    PR_RCVD_REPRESENTING_ADDRTYPE,     PR_RCVD_REPRESENTING_EMAIL_ADDRESS,
    PR_RCVD_REPRESENTING_SMTP_ADDRESS, PR_RCVD_REPRESENTING_SEARCH_KEY};

/// The flag of IMAPISupport::CreateOneOff that says that the recipient cannot take rich
/// information.
inline constexpr std::uint32_t MAPI_SEND_NO_RICH_INFO = 0x10000;
// Flags within a one-off entry id.
inline constexpr std::uint16_t MAPI_ONE_OFF_NO_RICH_INFO = 0x0001;
inline constexpr std::uint16_t MAPI_ONE_OFF_UNICODE = 0x8000;

/// IMAPISupport::CreateOneOff (§11, §16 number 15): a one-off entry id, UTF-16, whose recipient
/// takes rich information unless `flags` has MAPI_SEND_NO_RICH_INFO or the address is an Internet
/// address. Other flags mean nothing.
EntryId create_one_off(Address address, std::uint32_t flags);
/// A one-off entry id of exactly this address, UTF-16.
EntryId make_one_off(const Address& address);
/// The address in a one-off entry id; nullopt if it is none or is malformed. 8-bit strings are read
/// as Latin-1 if they are not valid UTF-8.
std::optional<Address> parse_one_off(const std::vector<std::byte>& entry_id);
/// The same, the strings as `decode` reads them if they are 8-bit ones.
std::optional<Address> parse_one_off(const std::vector<std::byte>& entry_id,
                                     const std::function<std::string(std::string_view)>& decode);
/// Whether it is a one-off entry id whose strings are 8-bit, in a code page that it does not say.
bool is_8bit_one_off(const std::vector<std::byte>& entry_id);

/// PR_REPLY_RECIPIENT_ENTRIES: the entry ids of a FLATENTRYLIST; malformed tails are dropped.
std::vector<EntryId> parse_flat_entry_list(const Binary& list);
/// A FLATENTRYLIST of the entry ids.
Binary make_flat_entry_list(const std::vector<EntryId>& entries);

/// Whom an SMTP address names, of whichever form: its local part as it stands, since only its host
/// knows whether case matters there (RFC 5321 §2.4), and the domain in its one form: A-labels, in
/// lower case. PR_SEARCH_KEY is coarser.
std::string mailbox_key(std::string_view smtp_address);

/// "TYPE:ADDRESS" upper-cased and NUL-ended (§11).
Binary make_search_key(const Address& address);

/// Whether the text can be an address in SMTP: exactly `local@domain` with both parts present, no
/// blank, control character, CR, LF or angle bracket in it, at most 254 octets, the domain a
/// domain name or an address literal. The local part may be quoted or hold UTF-8 (RFC 6531).
bool is_smtp_address(std::string_view text);

/// The one form that an address has on the wire (§2.3): without what is plainly not part of it
/// (invisible characters, quotes, a name, "mailto:", "SMTP:", a mark at the end), the local part a
/// dot-atom or else quoted, the domain in A-labels. Only its local part may be UTF-8 (RFC 6531).
/// Returns nullopt if the text is not plainly one address.
std::optional<std::string> wire_address(std::string_view text);

/// The SMTP address of a group in its wire form: the sources of mapi-to-mime.md §2.3 in that order
/// (without directory look-up and IMCEA). Returns nullopt if no source gives an address.
std::optional<std::string> smtp_address(const PropertyBag& bag, const AddressGroup& group);

/// What a message knows of the SMTP addresses of Exchange users (§2.3, 5a and 5b): the creator's,
/// where the creator is the sender, and those of other rows and groups with the same name. Refers
/// to the message, which must outlive it; its rows are looked at once, when the first user is
/// sought. One thread at a time.
class ExchangeAddresses {
 public:
  explicit ExchangeAddresses(const Message& message) : message_(&message) {}
  /// smtp_address() of the group, else what is known of the user that it names.
  [[nodiscard]] std::optional<std::string> smtp_address(const PropertyBag& bag,
                                                        const AddressGroup& group) const;

 private:
  using ByName = std::unordered_map<std::string, std::string>;  ///< the name in lower case
  [[nodiscard]] const ByName& by_name() const;

  const Message* message_;
  mutable std::optional<ByName> by_name_;
};

/// A recipient row as text for people: its SMTP address, else its address of another type, else its
/// display name.
std::string address_text(const Recipient& row);

/// The display name of a group, without the pair of apostrophes Outlook puts around unresolved
/// names; empty if it is absent or equal to the address (§2.4).
std::string display_name(const PropertyBag& bag, const AddressGroup& group,
                         std::string_view address);

/// Sets every property of the group for an SMTP address.
void set_address(PropertyBag& bag, const AddressGroup& group, std::string_view smtp_address,
                 std::string_view display_name = {});

/// A resolved recipient row for an SMTP address. If the text is no SMTP address, the row keeps it
/// but is unresolved (no PR_ENTRYID): submission accepts it, and it ends in a report.
Recipient make_recipient(RecipientType type, std::string_view smtp_address,
                         std::string_view display_name = {});

}  // namespace postern::mapi
#pragma GCC visibility pop
