// Mails that are read and composed again, for the tests of reading.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/read_message.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {

/// With CRLF line ends.
inline std::string mail_of(std::string_view text) {
  std::string mail;
  for (const char octet : text) {
    if (octet == '\n') mail += '\r';
    mail += octet;
  }
  return mail;
}

inline ReadMessage read(std::string_view text, const ReadOptions& options = {}) {
  return read_message(mapi::Content::from_text(mail_of(text)), options);
}

/// With the boundaries "=_1", "=_2" …, in the order in which they are declared.
inline std::string with_plain_boundaries(std::string mail) {
  constexpr std::string_view declared = "boundary=\"";
  std::size_t at = 0;
  for (int number = 1; (at = mail.find(declared, at)) != std::string::npos; ++number) {
    at += declared.size();
    const auto boundary = mail.substr(at, mail.find('"', at) - at);
    const auto plain = "=_" + std::to_string(number);
    for (auto found = mail.find(boundary); found != std::string::npos;
         found = mail.find(boundary, found + plain.size())) {
      mail.replace(found, boundary.size(), plain);
    }
  }
  return mail;
}

inline std::vector<std::string> addresses(const mapi::Message& message, mapi::RecipientType type) {
  std::vector<std::string> found;
  for (const auto& row : message.recipients) {
    if (mapi::recipient_type(row) != type) continue;
    found.push_back(std::string(row.get_or(mapi::PR_DISPLAY_NAME, "")) + " <" +
                    mapi::smtp_address(row, mapi::recipient_group).value_or("") + '>');
  }
  return found;
}

inline std::string data_of(const mapi::Attachment& attachment) {
  return octets_of(attachment.data);
}

}  // namespace postern::mime
