// The parts of a report behind its text (RFC 6522): the machine-readable one,
// message/delivery-status (RFC 3464, mapi-to-mime.md §7.4) or message/disposition-notification
// (RFC 8098, §7.5), and what it returns of the message.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mime/context/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// "delivery-status" or "disposition-notification", for a report class.
std::string_view report_type(std::string_view message_class);

/// The second part of a multipart/report, for a report class.
std::unique_ptr<Entity> report_entity(const mapi::Message& message, ComposeContext& context);

/// Text/rfc822-headers with what a delivery report knows of a message that is not enclosed; null if
/// that would not name it.
std::unique_ptr<Entity> returned_headers_entity(const mapi::Message& message);

}  // namespace postern::mime
