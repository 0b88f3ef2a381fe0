#include "mime/message/address_header.h"

#include <algorithm>

#include "base/text.h"
#include "mime/header/header_encoding.h"
#include "mime/header/transport_sender.h"

namespace postern::mime {
namespace {

using mapi::AddressGroup;
using mapi::LossKind;

/// `address` is in its wire form.
std::optional<Mailbox> to_mailbox(const mapi::PropertyBag& bag, const AddressGroup& group,
                                  std::optional<std::string> address,
                                  const ComposeOptions& options) {
  if (!address || (!is_ascii(*address) && !options.smtputf8)) return std::nullopt;
  auto name = mapi::display_name(bag, group, *address);
  return Mailbox{std::move(name), *std::move(address)};
}

/// A group of the sender.
struct Originator {
  std::string name;  ///< on one line
  std::optional<Mailbox> mailbox;
  bool is_guessed = false;  ///< by step 7 of §2.3
};

Originator originator(const mapi::Message& message, const AddressGroup& group,
                      const ComposeOptions& options) {
  const auto name = mapi::display_name(message, group, {});
  const mapi::ExchangeAddresses known(message);
  Originator result{one_line(name), mailbox(known, message, group, options)};
  if (result.mailbox) return result;
  const auto headers = message.get_or(mapi::PR_TRANSPORT_MESSAGE_HEADERS, "");
  if (const auto address = sender_in_transport_headers(headers, name)) {
    if (auto written = wire_address(*address, options.smtputf8)) {
      result.mailbox = Mailbox{name, *std::move(written)};
    }
    result.is_guessed = true;
  }
  return result;
}

/// Both say who it is, and not the same.
bool is_somebody_else(const Originator& one, const Originator& other) {
  return !one.name.empty() && !other.name.empty() && !equals_ignoring_case(one.name, other.name);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (true) {
    const auto end = text.find(separator);
    pieces.emplace_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

std::string format(const Mailbox& mailbox, std::size_t used) {
  auto name = encode_phrase(mailbox.name, used);
  if (mailbox.address.empty()) return name + " :;";
  return name.empty() ? mailbox.address : name + " <" + mailbox.address + '>';
}

}  // namespace

std::optional<std::string> wire_address(std::string_view address, bool smtputf8) {
  auto result = mapi::wire_address(address);
  if (result && !is_ascii(*result) && !smtputf8) return std::nullopt;
  return result;
}

std::optional<Mailbox> mailbox(const mapi::PropertyBag& bag, const AddressGroup& group,
                               const ComposeOptions& options) {
  return to_mailbox(bag, group, mapi::smtp_address(bag, group), options);
}

std::optional<Mailbox> mailbox(const mapi::ExchangeAddresses& known, const mapi::PropertyBag& bag,
                               const AddressGroup& group, const ComposeOptions& options) {
  return to_mailbox(bag, group, known.smtp_address(bag, group), options);
}

Originators originators(const mapi::Message& message, const ComposeOptions& options) {
  const auto author = originator(message, mapi::sent_representing_group, options);
  const auto sender = originator(message, mapi::sender_group, options);
  const auto& from = author.mailbox ? author : sender;
  Originators result{from.mailbox, {}, {}};
  if (!from.mailbox) return result;
  const auto& address = from.mailbox->address;
  if (from.is_guessed) {
    result.losses.push_back({LossKind::guessed, mapi::header_part("From"),
                             "the address of the sender '" + from.name +
                                 "' is taken from the header with which the message once came"});
  }
  if (!author.mailbox && is_somebody_else(author, sender)) {
    result.losses.push_back({LossKind::substituted, mapi::header_part("From"),
                             "of '" + author.name +
                                 "', for whom the message is sent, no address is known; From shows "
                                 "'" +
                                 sender.name + "', who sends it"});
  }
  if (author.mailbox && sender.mailbox && !equals_ignoring_case(sender.mailbox->address, address)) {
    result.sender = sender.mailbox;
  }
  if (author.mailbox && !sender.mailbox && is_somebody_else(author, sender)) {
    result.losses.push_back({LossKind::dropped, mapi::header_part("Sender"),
                             "of '" + sender.name + "', who sends the message for '" + author.name +
                                 "', no address is known; Sender is left out"});
  }
  return result;
}

std::string address_list(std::string_view header_name, const std::vector<Mailbox>& mailboxes) {
  std::string list;
  std::size_t used = header_name.size() + 2;
  for (const auto& each : mailboxes) {
    if (!list.empty()) list += ", ";
    list += format(each, used);
    used = 1;
  }
  return list;
}

std::vector<Mailbox> recipients(const mapi::Message& message, mapi::RecipientType type,
                                ComposeContext& context) {
  const mapi::ExchangeAddresses known(message);
  std::vector<Mailbox> result;
  for (const auto& row : message.recipients) {
    if (mapi::recipient_type(row) != type) continue;
    if (auto found = mailbox(known, row, mapi::recipient_group, context.options)) {
      result.push_back(std::move(*found));
      continue;
    }
    const auto name = one_line(mapi::display_name(row, mapi::recipient_group, {}));
    context.tell({LossKind::dropped, mapi::recipient_part(name),
                  "the recipient '" + name +
                      "' has no address that can be written; the header shows the name alone"});
    if (!trim(name).empty()) result.push_back({name, {}});
  }
  return result;
}

void tell_recipients_of_no_type(const mapi::Message& message, ComposeContext& context) {
  constexpr std::int32_t type_bits = 0x0F;  // 0: the originator
  for (const auto& row : message.recipients) {
    if (mapi::recipient_type(row)) continue;
    if ((row.get_or(mapi::PR_RECIPIENT_TYPE, type_bits) & type_bits) == 0) continue;
    const auto name = one_line(mapi::display_name(row, mapi::recipient_group, {}));
    if (trim(name).empty()) continue;
    context.tell({LossKind::dropped, mapi::recipient_part(name),
                  "the recipient '" + name + "' is neither To, Cc nor Bcc and is left out"});
  }
}

std::vector<Mailbox> reply_to(const mapi::Message& message, ComposeContext& context) {
  std::vector<Mailbox> result;
  const auto* list = message.get(mapi::PR_REPLY_RECIPIENT_ENTRIES);
  const auto said = message.get_or(mapi::PR_REPLY_RECIPIENT_NAMES, "");
  const auto entries =
      list == nullptr ? std::vector<mapi::EntryId>{} : mapi::parse_flat_entry_list(*list);
  if (entries.empty() && !trim(said).empty()) {
    context.tell({LossKind::dropped, mapi::header_part("Reply-To"),
                  "of those to whom answers are to go, '" + one_line(said) +
                      "', no address is known; Reply-To is left out"});
  }
  const auto names = split(said, ';');
  const mapi::ExchangeAddresses known(message);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    mapi::PropertyBag bag;
    bag.set(mapi::PR_ENTRYID, entries[i].bytes);
    const auto one_off = mapi::parse_one_off(entries[i].bytes);
    if (one_off && !one_off->display_name.empty()) {
      bag.set(mapi::PR_DISPLAY_NAME, one_off->display_name);
    } else if (names.size() == entries.size()) {
      bag.set(mapi::PR_DISPLAY_NAME, names[i]);
    }
    if (auto found = mailbox(known, bag, mapi::recipient_group, context.options)) {
      result.push_back(std::move(*found));
    } else {
      context.tell({LossKind::dropped, mapi::header_part("Reply-To"),
                    "entry " + std::to_string(i + 1) +
                        " of the reply recipients has no address that can be written"});
    }
  }
  return result;
}

}  // namespace postern::mime
