#include "session/folders.h"

#include <algorithm>

#include "base/text.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/read_receipt.h"

namespace postern::session {
namespace {

/// The octets that continue a character of UTF-8.
bool continues_character(char octet) {
  return (static_cast<unsigned char>(octet) & 0xC0) == 0x80;
}

bool is_prefix(std::string_view prefix, std::string_view message_class) {
  if (prefix.empty() || prefix == message_class) return true;
  return message_class.starts_with(prefix) && message_class[prefix.size()] == '.';
}

}  // namespace

std::int32_t store_support_mask() {
  return mapi::STORE_ENTRYID_UNIQUE | mapi::STORE_MODIFY_OK | mapi::STORE_CREATE_OK |
         mapi::STORE_ATTACH_OK | mapi::STORE_OLE_OK | mapi::STORE_SUBMIT_OK |
         mapi::STORE_NOTIFY_OK | mapi::STORE_RTF_OK | mapi::STORE_HTML_OK | mapi::STORE_UNICODE_OK;
}

void require_name(std::string_view name) {
  if (name.size() > mapi::longest_table_text) {
    throw mapi::Failure(mapi::MAPI_E_STRING_TOO_LONG,
                        "the name '" + table_text(printable(name)) + "...' has " +
                            std::to_string(name.size()) + " octets; " +
                            std::to_string(mapi::longest_table_text) + " are allowed");
  }
  if (name.empty() || has_control(name) || !is_utf8(name)) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "'" + printable(name) +
                            "' is no name for a folder or mailbox: it must not be empty, must be "
                            "UTF-8 and must have no control characters");
  }
}

std::string receive_class(std::string_view message_class) {
  return upper_case(message_class);
}

std::optional<std::string> longest_prefix(const std::vector<std::string>& classes,
                                          std::string_view message_class) {
  const auto wanted = receive_class(message_class);
  std::optional<std::string> longest;
  for (const auto& candidate : classes) {
    if (!is_prefix(candidate, wanted)) continue;
    if (!longest || candidate.size() > longest->size()) longest = candidate;
  }
  return longest;
}

std::string table_text(std::string_view text) {
  if (text.size() <= mapi::longest_table_text) return std::string(text);
  auto end = mapi::longest_table_text;
  while (end > 0 && continues_character(text[end])) --end;
  return std::string(text.substr(0, end));
}

mapi::Message copied(mapi::Message message) {
  message.erase(mapi::PR_POSTERN_ENVELOPE_ID);
  const auto flags = message.get_or(mapi::PR_MESSAGE_FLAGS, 0);
  if ((flags & mapi::MSGFLAG_SUBMIT) == 0) return message;
  message.set(mapi::PR_MESSAGE_FLAGS, (flags & ~mapi::MSGFLAG_SUBMIT) | mapi::MSGFLAG_UNSENT);
  message.erase(mapi::PR_SUBMIT_FLAGS);
  message.erase(mapi::PR_POSTERN_NEXT_ATTEMPT);
  message.erase(mapi::PR_POSTERN_RETRIES);
  message.erase(mapi::PR_POSTERN_FIRST_ATTEMPT);
  message.erase(mapi::PR_POSTERN_DELAY_REPORTED);
  message.erase(mapi::PR_POSTERN_TRANSCRIPT);
  message.erase(mapi::PR_POSTERN_LOSSES);
  for (auto& recipient : message.recipients) {
    mapi::clear_outcome(recipient);
    recipient.erase(mapi::PR_POSTERN_REPORTED);
    recipient.set(mapi::PR_RESPONSIBILITY, false);
  }
  return message;
}

mapi::Message received(mapi::Message message, mapi::FileTime now) {
  constexpr auto not_of_this_message = mapi::MSGFLAG_READ | mapi::MSGFLAG_SUBMIT |
                                       mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_FROMME |
                                       mapi::MSGFLAG_RESEND;
  auto flags = message.get_or(mapi::PR_MESSAGE_FLAGS, 0) & ~not_of_this_message;
  flags |= mapi::MSGFLAG_UNMODIFIED | pending_receipts(message);
  message.set(mapi::PR_MESSAGE_FLAGS, flags);
  message.erase(mapi::PR_SUBMIT_FLAGS);
  if (!message.get(mapi::PR_MESSAGE_DELIVERY_TIME)) {
    message.set(mapi::PR_MESSAGE_DELIVERY_TIME, now);
  }
  return message;
}

}  // namespace postern::session
