#include "session/report_properties.h"

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"

namespace postern::session {
namespace {

/// Conversation index one level deeper: five octets more (§8.3, [MS-OXOMSG] 2.2.1.3).
mapi::Binary deeper(mapi::Binary index) {
  index.resize(index.size() + 5);
  return index;
}

/// Whether the row has the address that the message is from.
bool is_sender(const mapi::Recipient& row, const mapi::Message& original) {
  const auto address = mapi::smtp_address(row, mapi::recipient_group);
  if (!address) return false;
  auto sender = mapi::smtp_address(original, mapi::sent_representing_group);
  if (!sender) sender = mapi::smtp_address(original, mapi::sender_group);
  return sender && equals_ignoring_case(*sender, *address);
}

}  // namespace

void copy_original_properties(mapi::Message& report, const mapi::Message& original) {
  report.copy(mapi::PR_ORIGINAL_SUBJECT, original, mapi::PR_SUBJECT);
  report.copy(mapi::PR_ORIGINAL_SUBMIT_TIME, original, mapi::PR_CLIENT_SUBMIT_TIME);
  report.copy(mapi::PR_ORIGINAL_DISPLAY_TO, original, mapi::PR_DISPLAY_TO);
  report.copy(mapi::PR_ORIGINAL_DISPLAY_CC, original, mapi::PR_DISPLAY_CC);
  report.copy(mapi::PR_ORIGINAL_DISPLAY_BCC, original, mapi::PR_DISPLAY_BCC);
  report.copy(mapi::PR_ORIGINAL_SENDER_NAME, original, mapi::PR_SENDER_NAME);
  report.copy(mapi::PR_ORIGINAL_SENDER_ADDRTYPE, original, mapi::PR_SENDER_ADDRTYPE);
  report.copy(mapi::PR_ORIGINAL_SENDER_EMAIL_ADDRESS, original, mapi::PR_SENDER_EMAIL_ADDRESS);
  report.copy(mapi::PR_ORIGINAL_SEARCH_KEY, original, mapi::PR_SEARCH_KEY);
  report.copy(mapi::PR_CONVERSATION_TOPIC, original, mapi::PR_CONVERSATION_TOPIC);
  report.copy(mapi::PR_REPORT_TAG, original, mapi::PR_REPORT_TAG);
  report.copy(mapi::PR_SUBJECT_IPM, original, mapi::PR_SUBJECT_IPM);
  report.copy(mapi::PR_PRIORITY, original, mapi::PR_PRIORITY);
  report.copy(mapi::PR_IN_REPLY_TO_ID, original, mapi::PR_INTERNET_MESSAGE_ID);
  report.copy(mapi::PR_INTERNET_REFERENCES, original, mapi::PR_INTERNET_MESSAGE_ID);
  if (const auto* index = original.get(mapi::PR_CONVERSATION_INDEX)) {
    report.set(mapi::PR_CONVERSATION_INDEX, deeper(*index));
  }
}

bool is_report_class(std::string_view message_class) {
  constexpr std::string_view prefix = "REPORT.";
  return equals_ignoring_case(message_class.substr(0, prefix.size()), prefix);
}

std::optional<mapi::Recipient> report_receiver(const mapi::Message& original) {
  const auto* entry = original.get(mapi::PR_REPORT_ENTRYID);
  if (entry == nullptr || entry->empty()) return std::nullopt;
  mapi::Recipient row;
  row.copy(mapi::PR_ENTRYID, original, mapi::PR_REPORT_ENTRYID);
  row.copy(mapi::PR_DISPLAY_NAME, original, mapi::PR_REPORT_NAME);
  row.copy(mapi::PR_SEARCH_KEY, original, mapi::PR_REPORT_SEARCH_KEY);
  if (is_sender(row, original)) return std::nullopt;
  return row;
}

}  // namespace postern::session
