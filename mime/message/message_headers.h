// The headers of a message, without its Content-* headers (mapi-to-mime.md §§3.1, 3.4).
#pragma once

#include <string>
#include <vector>

#include "mime/context/compose_context.h"
#include "mime/message/address_header.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// The header values that are determined before the headers are written.
struct HeaderValues {
  Originators originators;
  std::string date;        ///< the Date header
  std::string message_id;  ///< with angle brackets; empty for none
  bool is_embedded = false;
  bool has_files = false;  ///< parts of the content have names
};

/// In the order of output, each at most once: Date to Cc, Message-ID to Subject, the rest of the
/// table, other headers of PS_INTERNET_HEADERS, MIME-Version, Content-Language and -Class.
std::vector<HeaderField> message_headers(const mapi::Message& message, const HeaderValues& values,
                                         ComposeContext& context);

/// The Date of a message that is sent: when it was submitted; empty if that is not known (§3.1).
std::string submit_date(const mapi::Message& message);
/// That, or the next best time of the message's properties; empty if there is none.
std::string stored_date(const mapi::Message& message);
/// The Date of PR_TRANSPORT_MESSAGE_HEADERS; empty if there is none.
std::string date_in_transport_headers(const mapi::Message& message);

/// The subject as the Subject field shows it, prefix included.
std::string subject(const mapi::Message& message);

/// PR_INTERNET_MESSAGE_ID as `<left@right>`; empty if it is absent or malformed.
std::string stored_message_id(const mapi::Message& message);

/// X-Payload-Class and X-Payload-Provider-GUID, of messages and attachments.
std::vector<HeaderField> payload_fields(const mapi::PropertyBag& bag);

/// The Message-ID of the message that a report is about, with angle brackets; empty if it is not
/// known.
std::string original_message_id(const mapi::Message& report);

}  // namespace postern::mime
