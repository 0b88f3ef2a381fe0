#include "session/read_receipt.h"

#include <algorithm>
#include <array>
#include <string>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "session/report.h"
#include "session/report_properties.h"

namespace postern::session {
namespace {

constexpr std::int32_t about_state =
    mapi::SUPPRESS_RECEIPT | mapi::CLEAR_READ_FLAG | mapi::GENERATE_RECEIPT_ONLY;
constexpr std::int32_t about_pending = mapi::CLEAR_RN_PENDING | mapi::CLEAR_NRN_PENDING;
constexpr std::int32_t both_pending = mapi::MSGFLAG_RN_PENDING | mapi::MSGFLAG_NRN_PENDING;

enum class ReadState { keep, set, clear };
enum class Receipt { leave, send, cancel, withdraw };

struct Rule {
  std::int32_t flags;
  ReadState state;
  Receipt receipt;
};
/// The combinations that are not here contradict themselves.
constexpr std::array rules{
    Rule{0, ReadState::set, Receipt::send},
    Rule{mapi::SUPPRESS_RECEIPT, ReadState::set, Receipt::cancel},
    Rule{mapi::CLEAR_READ_FLAG, ReadState::clear, Receipt::leave},
    Rule{mapi::GENERATE_RECEIPT_ONLY, ReadState::keep, Receipt::send},
    Rule{mapi::SUPPRESS_RECEIPT | mapi::GENERATE_RECEIPT_ONLY, ReadState::keep, Receipt::withdraw},
};

Rule rule_for(std::int32_t flags) {
  if ((flags & ~(about_state | about_pending | mapi::MAPI_DEFERRED_ERRORS)) != 0) {
    throw mapi::Failure(mapi::MAPI_E_UNKNOWN_FLAGS,
                        "SetReadFlag has no such flags: " + std::to_string(flags));
  }
  const auto state = flags & about_state;
  if (state == 0 && (flags & about_pending) != 0) return {0, ReadState::keep, Receipt::leave};
  const auto found = std::ranges::find(rules, state, &Rule::flags);
  if (found == rules.end()) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "CLEAR_READ_FLAG goes neither with SUPPRESS_RECEIPT nor with "
                        "GENERATE_RECEIPT_ONLY");
  }
  return *found;
}

mapi::Recipient to_row() {
  mapi::Recipient row;
  row.set(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(mapi::RecipientType::to));
  return row;
}

/// The party of a group as a recipient row; nullopt if nothing of it is there to be reached by.
std::optional<mapi::Recipient> party_row(const mapi::Message& message,
                                         const mapi::AddressGroup& group) {
  const bool has_address = !message.get_or(group.email_address, "").empty() ||
                           !message.get_or(group.smtp_address, "").empty();
  if (message.get(group.entry_id) == nullptr && !has_address) return std::nullopt;
  auto row = to_row();
  row.copy(mapi::PR_ENTRYID, message, group.entry_id);
  row.copy(mapi::PR_DISPLAY_NAME, message, group.display_name);
  row.copy(mapi::PR_ADDRTYPE, message, group.address_type);
  row.copy(mapi::PR_EMAIL_ADDRESS, message, group.email_address);
  row.copy(mapi::PR_SMTP_ADDRESS, message, group.smtp_address);
  row.copy(mapi::PR_SEARCH_KEY, message, group.search_key);
  return row;
}

std::optional<mapi::Recipient> destination(const mapi::Message& message) {
  if (message.get(mapi::PR_READ_RECEIPT_ENTRYID) != nullptr) {
    return party_row(message, mapi::read_receipt_group);
  }
  if (auto receiver = report_receiver(message)) {
    receiver->set(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(mapi::RecipientType::to));
    return receiver;
  }
  auto sender = party_row(message, mapi::sent_representing_group);
  return sender ? sender : party_row(message, mapi::sender_group);
}

void copy_group(mapi::Message& to, const mapi::AddressGroup& group, const mapi::Message& from,
                const mapi::AddressGroup& given) {
  to.copy(group.entry_id, from, given.entry_id);
  to.copy(group.display_name, from, given.display_name);
  to.copy(group.address_type, from, given.address_type);
  to.copy(group.email_address, from, given.email_address);
  to.copy(group.smtp_address, from, given.smtp_address);
  to.copy(group.search_key, from, given.search_key);
}

/// Who received the message reports on it, for whom it was.
void set_sender(mapi::Message& report, const mapi::Message& message) {
  copy_group(report, mapi::sender_group, message, mapi::received_by_group);
  const bool represents = party_row(message, mapi::rcvd_representing_group).has_value();
  copy_group(report, mapi::sent_representing_group, message,
             represents ? mapi::rcvd_representing_group : mapi::received_by_group);
}

std::string text_of(const mapi::Message& message, bool read) {
  const std::string subject(message.get_or(mapi::PR_SUBJECT, ""));
  return read ? "Your message '" + subject + "' was read.\r\n"
              : "Your message '" + subject + "' was deleted without being read.\r\n";
}

}  // namespace

ReadFlagDecision set_read_flag(std::int32_t message_flags, std::int32_t flags) {
  const auto rule = rule_for(flags);
  ReadFlagDecision decision{message_flags};
  auto& result = decision.message_flags;
  if ((result & mapi::MSGFLAG_SUBMIT) != 0) return decision;
  if ((flags & mapi::CLEAR_RN_PENDING) != 0) result &= ~mapi::MSGFLAG_RN_PENDING;
  if ((flags & mapi::CLEAR_NRN_PENDING) != 0) result &= ~mapi::MSGFLAG_NRN_PENDING;
  const bool was_read = (result & mapi::MSGFLAG_READ) != 0;
  if (rule.state == ReadState::set && was_read) return decision;
  if (rule.state == ReadState::set) result |= mapi::MSGFLAG_READ;
  if (rule.state == ReadState::clear) result &= ~mapi::MSGFLAG_READ;
  if (rule.receipt == Receipt::leave) return decision;
  decision.read_report = rule.receipt == Receipt::send && (result & mapi::MSGFLAG_RN_PENDING) != 0;
  decision.request_withdrawn = rule.receipt == Receipt::withdraw;
  const bool was_answered = decision.read_report || rule.state == ReadState::set;
  if (was_answered || decision.request_withdrawn) result &= ~both_pending;
  return decision;
}

bool owes_non_read_report(std::int32_t message_flags) {
  return (message_flags & mapi::MSGFLAG_NRN_PENDING) != 0 &&
         (message_flags & mapi::MSGFLAG_READ) == 0;
}

std::int32_t pending_receipts(const mapi::Message& message) {
  const bool read = message.get_or(mapi::PR_READ_RECEIPT_REQUESTED, false);
  const bool non_read = message.get_or(mapi::PR_NON_RECEIPT_NOTIFICATION_REQUESTED, read);
  return (read ? mapi::MSGFLAG_RN_PENDING : 0) | (non_read ? mapi::MSGFLAG_NRN_PENDING : 0);
}

std::optional<mapi::Message> read_receipt(const mapi::Message& message, bool read,
                                          mapi::FileTime now) {
  const auto original_class = message.get_or(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  if (is_report_class(original_class)) return std::nullopt;
  auto receiver = destination(message);
  if (!receiver) return std::nullopt;
  mapi::Message report;
  copy_original_properties(report, message);
  set_sender(report, message);
  const auto kind = read ? ReportKind::read : ReportKind::not_read;
  report.set(mapi::PR_MESSAGE_CLASS, report_class(kind, original_class));
  report.set(mapi::PR_ORIG_MESSAGE_CLASS, std::string(original_class));
  report.copy(mapi::PR_ORIGINAL_DELIVERY_TIME, message, mapi::PR_MESSAGE_DELIVERY_TIME);
  report.set(mapi::PR_REPORT_TIME, now);
  if (read) report.set(mapi::PR_RECEIPT_TIME, now);
  report.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
  report.set(mapi::PR_SUBJECT,
             (read ? "Read: " : "Not read: ") + std::string(message.get_or(mapi::PR_SUBJECT, "")));
  report.set(mapi::PR_BODY, text_of(message, read));
  report.set(mapi::PR_REPORT_TEXT, text_of(message, read));
  report.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  report.recipients.push_back(std::move(*receiver));
  return report;
}

}  // namespace postern::session
