// The message that the benchmarks of the queue submit.
#pragma once

#include <cstddef>
#include <string>

#include "mapi/address.h"
#include "mapi/message.h"
#include "mapi/property_tags.h"

namespace postern::bench {

inline mapi::Message queued_message(std::size_t octets) {
  constexpr std::size_t line = 64;
  std::string body;
  while (body.size() + line + 2 <= octets) body += std::string(line, 'x') + "\r\n";
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "A message of the queue benchmark");
  message.set(mapi::PR_BODY, body);
  message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  mapi::set_address(message, mapi::sender_group, "sender@a.test");
  message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::to, "recipient@b.test"));
  return message;
}

}  // namespace postern::bench
