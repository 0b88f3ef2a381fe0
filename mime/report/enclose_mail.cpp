#include <string>

#include "base/line_ends.h"
#include "base/mime/mime_reader.h"
#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/header/date.h"
#include "mime/header/encoded_words.h"
#include "mime/header/header_block.h"
#include "mime/read_mail.h"
#include "mime/report/field_value.h"

namespace postern::mime {
namespace {

std::string_view value_of(const HeaderBlock& header, std::string_view name) {
  const auto* field = find_field(header, name);
  return field == nullptr ? std::string_view{} : std::string_view(field->value);
}

/// The words beside the address, which is without its angle brackets; either may be empty.
mapi::Address sender_of(std::string_view from) {
  const auto open = from.rfind('<');
  if (open == std::string_view::npos || !from.ends_with('>')) {
    return {{}, "SMTP", std::string(trim(without_comments(from)))};
  }
  auto name = trim(from.substr(0, open));
  if (name.size() > 1 && name.starts_with('"') && name.ends_with('"')) {
    name = name.substr(1, name.size() - 2);
  }
  return {printable(decode_encoded_words(name)), "SMTP",
          std::string(from.substr(open + 1, from.size() - open - 2))};
}

void set_sender(mapi::Message& message, std::string_view from) {
  const auto sender = sender_of(from);
  if (mapi::is_smtp_address(sender.address)) {
    mapi::set_address(message, mapi::sender_group, sender.address, sender.display_name);
    mapi::set_address(message, mapi::sent_representing_group, sender.address, sender.display_name);
  } else if (!from.empty()) {
    message.set(mapi::PR_SENDER_NAME, printable(decode_encoded_words(from)));
  }
}

}  // namespace

mapi::Message enclose_mail(const mapi::Content& mail, std::string_view body, mapi::FileTime now) {
  MimeReader reader(mail.open());
  const auto first = reader.next();
  const auto header =
      parse_header_block(first.kind == MimeEvent::Kind::header ? first.octets : std::string_view{});
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNMODIFIED);
  message.set(mapi::PR_MESSAGE_DELIVERY_TIME, now);
  message.set(mapi::PR_SUBJECT, printable(decode_encoded_words(value_of(header, "Subject"))));
  set_sender(message, value_of(header, "From"));
  if (const auto date = parse_date(value_of(header, "Date"))) {
    message.set(mapi::PR_CLIENT_SUBMIT_TIME, *date);
  }
  if (const auto id = message_id_in(value_of(header, "Message-ID")); !id.empty()) {
    message.set(mapi::PR_INTERNET_MESSAGE_ID, id);
  }
  message.set(mapi::PR_BODY, with_crlf(body));
  message.attachments.push_back(mapi::make_attachment("mail.eml", mail, "message/rfc822"));
  return message;
}

}  // namespace postern::mime
