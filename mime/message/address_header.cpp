#include "mime/message/address_header.h"

#include <algorithm>

#include "base/text.h"
#include "mime/header/header_encoding.h"
#include "mime/header/transport_sender.h"

namespace postern::mime {
namespace {

using mapi::AddressGroup;

std::optional<Mailbox> to_mailbox(std::string_view name, std::string_view address,
                                  const ComposeOptions& options) {
  auto on_the_wire = wire_address(address, options.smtputf8);
  if (!on_the_wire) return std::nullopt;
  return Mailbox{std::string(name), std::move(*on_the_wire)};
}

/// A group of the sender, with step 7 of §2.3.
std::optional<Mailbox> originator(const mapi::Message& message, const AddressGroup& group,
                                  const ComposeOptions& options) {
  const mapi::ExchangeAddresses known(message);
  if (auto found = mailbox(known, message, group, options)) return found;
  const auto name = mapi::display_name(message, group, {});
  const auto headers = message.get_or(mapi::PR_TRANSPORT_MESSAGE_HEADERS, "");
  const auto address = sender_in_transport_headers(headers, name);
  return address ? to_mailbox(name, *address, options) : std::nullopt;
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
  const auto address = mapi::smtp_address(bag, group);
  if (!address) return std::nullopt;
  return to_mailbox(mapi::display_name(bag, group, *address), *address, options);
}

std::optional<Mailbox> mailbox(const mapi::ExchangeAddresses& known, const mapi::PropertyBag& bag,
                               const AddressGroup& group, const ComposeOptions& options) {
  const auto address = known.smtp_address(bag, group);
  if (!address) return std::nullopt;
  return to_mailbox(mapi::display_name(bag, group, *address), *address, options);
}

Originators originators(const mapi::Message& message, const ComposeOptions& options) {
  Originators result;
  result.from = originator(message, mapi::sent_representing_group, options);
  auto sender = originator(message, mapi::sender_group, options);
  if (!result.from) {
    result.from = std::move(sender);
  } else if (sender && !equals_ignoring_case(sender->address, result.from->address)) {
    result.sender = std::move(sender);
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
    context.warn("the recipient '" + name +
                 "' has no address that can be written; the header shows the name alone");
    if (!trim(name).empty()) result.push_back({name, {}});
  }
  return result;
}

std::vector<Mailbox> reply_to(const mapi::Message& message, ComposeContext& context) {
  std::vector<Mailbox> result;
  const auto* list = message.get(mapi::PR_REPLY_RECIPIENT_ENTRIES);
  if (list == nullptr) return result;
  const auto entries = mapi::parse_flat_entry_list(*list);
  const auto names = split(message.get_or(mapi::PR_REPLY_RECIPIENT_NAMES, ""), ';');
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
      context.warn("entry " + std::to_string(i + 1) +
                   " of the reply recipients has no address that can be written");
    }
  }
  return result;
}

}  // namespace postern::mime
