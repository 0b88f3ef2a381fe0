#include "session/own_delivery.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/internationalized_domain.h"
#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/assignment.h"
#include "session/folders.h"
#include "session/recipient_identity.h"
#include "session/submission.h"

namespace postern::session {
namespace {

template <class... Tags>
void erase_all(mapi::PropertyBag& bag, Tags... tags) {
  (bag.erase(tags), ...);
}

bool is_to_come(const mapi::Message& message, mapi::Tag<mapi::PropertyType::system_time> tag,
                mapi::FileTime now) {
  const auto time = message.get_or(tag, {});
  return !time.is_none() && now < time;
}

bool is_past(const mapi::Message& message, mapi::Tag<mapi::PropertyType::system_time> tag,
             mapi::FileTime now) {
  const auto time = message.get(tag);
  return time && !time->is_none() && *time <= now;
}

std::optional<std::string> smtp_address_of(const mapi::Recipient& row) {
  if (is_personal_list(row)) return std::nullopt;
  if (!equals_ignoring_case(trim(row.get_or(mapi::PR_ADDRTYPE, "")), "SMTP")) return std::nullopt;
  const auto address = mapi::smtp_address(row, mapi::recipient_group);
  return address ? own_address(*address) : std::nullopt;
}

std::string text_of(const mapi::Mailbox& mailbox) {
  return mailbox.name.empty() ? "the default mailbox" : "the mailbox '" + mailbox.name + "'";
}

void settle(mapi::Recipient& row, const mapi::Mailbox& mailbox, mapi::FileTime now) {
  mapi::set_outcome(row, {.verdict = Verdict::delivered,
                          .stage = Stage::end,
                          .code = 0,
                          .status = {2, 1, 5},
                          .text = "delivered to " + text_of(mailbox) + " of this store",
                          .host = {},
                          .time = now.time_point()});
  row.set(mapi::PR_RESPONSIBILITY, true);
}

/// A row as the receiver sees it.
mapi::Recipient shown(mapi::Recipient row) {
  mapi::clear_outcome(row);
  erase_all(row, mapi::PR_RESPONSIBILITY, mapi::PR_POSTERN_REPORTED,
            mapi::PR_POSTERN_SECURED_ENTITY);
  if (const auto type = row.get(mapi::PR_RECIPIENT_TYPE)) {
    row.set(mapi::PR_RECIPIENT_TYPE, *type & ~mapi::MAPI_SUBMITTED);
  }
  return row;
}

/// Who received it: the row's party in both groups, since nobody receives for another here.
void set_receiver(mapi::Message& message, const mapi::Recipient& row) {
  for (const auto& group : {mapi::received_by_group, mapi::rcvd_representing_group}) {
    const auto& from = mapi::recipient_group;
    message.copy(group.entry_id, row, from.entry_id);
    message.copy(group.display_name, row, from.display_name);
    message.copy(group.address_type, row, from.address_type);
    message.copy(group.email_address, row, from.email_address);
    message.copy(group.smtp_address, row, from.smtp_address);
    message.copy(group.search_key, row, from.search_key);
  }
}

void erase_senders_side(mapi::Message& message) {
  erase_all(message, mapi::PR_ENTRYID, mapi::PR_SUBMIT_FLAGS, mapi::PR_SENTMAIL_ENTRYID,
            mapi::PR_DELETE_AFTER_SUBMIT, mapi::PR_DEFERRED_SEND_TIME,
            mapi::PR_DEFERRED_SEND_NUMBER, mapi::PR_DEFERRED_SEND_UNITS,
            mapi::PR_DEFERRED_DELIVERY_TIME, mapi::PR_LATEST_DELIVERY_TIME, mapi::PR_PREPROCESS,
            mapi::PR_MESSAGE_DELIVERY_TIME);
  erase_all(message, mapi::PR_POSTERN_ENVELOPE_ID, mapi::PR_POSTERN_NEXT_ATTEMPT,
            mapi::PR_POSTERN_RETRIES, mapi::PR_POSTERN_FIRST_ATTEMPT,
            mapi::PR_POSTERN_DELAY_REPORTED, mapi::PR_POSTERN_TRANSCRIPT, mapi::PR_POSTERN_LOSSES,
            mapi::PR_POSTERN_IS_FURTHER, mapi::PR_POSTERN_REVERSE_PATH,
            mapi::PR_POSTERN_HEADER_DATE, mapi::PR_TRANSPORT_MESSAGE_HEADERS);
}

/// What lies in the mailbox that the rows `theirs` are for, which are in order.
mapi::Message received_copy(const mapi::Message& message, const std::vector<std::size_t>& theirs,
                            mapi::FileTime now) {
  auto copy = message;
  copy.recipients.clear();
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    const auto& row = message.recipients[i];
    if (is_p1(row)) continue;
    const bool is_bcc = mapi::recipient_type(row) == mapi::RecipientType::bcc;
    if (is_bcc && !std::ranges::binary_search(theirs, i)) continue;
    copy.recipients.push_back(shown(row));
  }
  erase_senders_side(copy);
  set_receiver(copy, message.recipients[theirs.front()]);
  copy = received(std::move(copy), now);
  set_computed_properties(copy);
  return copy;
}

}  // namespace

std::optional<std::string> own_address(std::string_view address) {
  if (!mapi::is_smtp_address(address)) return std::nullopt;
  const auto at = address.rfind('@');
  const auto domain = address.substr(at + 1);
  return lower_case(address.substr(0, at + 1)) +
         lower_case(a_labels(domain).value_or(std::string(domain)));
}

std::string require_own_address(std::string_view address) {
  if (auto found = own_address(address)) return *std::move(found);
  throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                      "'" + printable(address) +
                          "' is no address that a mailbox can have: it must be local@domain, "
                          "without a name");
}

mapi::Failure address_is_taken(std::string_view address, const mapi::Mailbox& owner) {
  return {mapi::MAPI_E_COLLISION,
          "the address '" + std::string(address) + "' belongs to " + text_of(owner) + " already"};
}

mapi::Failure no_such_address(std::string_view address) {
  return {mapi::MAPI_E_NOT_FOUND, "no mailbox has the address '" + std::string(address) + "'"};
}

std::vector<OwnRow> own_rows(const mapi::Message& message, const mapi::OwnRecipients& own) {
  std::vector<OwnRow> found;
  if (message.get_or(mapi::PR_SECURITY_FLAGS, 0) != 0) return found;
  for (const auto row : open_rows(message)) {
    const auto address = smtp_address_of(message.recipients[row]);
    if (!address) continue;
    if (auto mailbox = own(*address)) found.push_back({row, *std::move(mailbox)});
  }
  return found;
}

std::vector<OwnDelivery> deliver_own(mapi::Message& message, const mapi::OwnRecipients& own,
                                     mapi::FileTime now) {
  std::vector<OwnDelivery> deliveries;
  if (is_to_come(message, mapi::PR_DEFERRED_SEND_TIME, now) ||
      is_past(message, mapi::PR_LATEST_DELIVERY_TIME, now)) {
    return deliveries;
  }
  std::map<mapi::Mailbox, std::vector<std::size_t>> rows_of;
  for (auto& [row, mailbox] : own_rows(message, own)) rows_of[std::move(mailbox)].push_back(row);
  for (const auto& [mailbox, rows] : rows_of) {
    deliveries.push_back({mailbox, received_copy(message, rows, now)});
  }
  for (const auto& [mailbox, rows] : rows_of) {
    for (const auto row : rows) settle(message.recipients[row], mailbox, now);
  }
  return deliveries;
}

bool waits_for_own_delivery(const mapi::Message& message, const mapi::OwnRecipients& own,
                            mapi::FileTime now) {
  return is_to_come(message, mapi::PR_DEFERRED_SEND_TIME, now) && !own_rows(message, own).empty();
}

}  // namespace postern::session
