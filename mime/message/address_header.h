// The address headers: From, Sender, To, Cc, Reply-To (mapi-to-mime.md §§2.3 to 2.5).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/address.h"
#include "mime/context/compose_context.h"

namespace postern::mime {

/// A mailbox of a header (RFC 5322 §3.4). Without an address, only the name is known.
struct Mailbox {
  std::string name;     ///< UTF-8, may be empty
  std::string address;  ///< as sent (wire_address), or empty
};

/// mapi::wire_address; nullopt also if the local part is not ASCII and `smtputf8` is false.
std::optional<std::string> wire_address(std::string_view address, bool smtputf8);

/// The mailbox of a group; nullopt if it gives no address.
std::optional<Mailbox> mailbox(const mapi::PropertyBag& bag, const mapi::AddressGroup& group,
                               const ComposeOptions& options);

/// The same by all that the message knows (§2.3, 5a and 5b).
std::optional<Mailbox> mailbox(const mapi::ExchangeAddresses& known, const mapi::PropertyBag& bag,
                               const mapi::AddressGroup& group, const ComposeOptions& options);

struct Originators {
  std::optional<Mailbox> from;
  std::optional<Mailbox> sender;   ///< only if it differs from `from`
  std::vector<mapi::Loss> losses;  ///< what of them is not said, or was guessed
};
/// Step 7 of §2.3 included; without the default sender.
Originators originators(const mapi::Message& message, const ComposeOptions& options);

/// The value of an address header; `header_name` tells how much of the line is used. A mailbox
/// without an address becomes an empty group that shows its name. Empty for no mailboxes.
std::string address_list(std::string_view header_name, const std::vector<Mailbox>& mailboxes);

/// To or Cc. Tells of rows that have no address.
std::vector<Mailbox> recipients(const mapi::Message& message, mapi::RecipientType type,
                                ComposeContext& context);

/// Tells of those that are neither To, Cc nor Bcc.
void tell_recipients_of_no_type(const mapi::Message& message, ComposeContext& context);

/// PR_REPLY_RECIPIENT_ENTRIES.
std::vector<Mailbox> reply_to(const mapi::Message& message, ComposeContext& context);

}  // namespace postern::mime
