// The machine-readable part of a report: message/delivery-status (RFC 3464, mapi-to-mime.md §7.4)
// or message/disposition-notification (RFC 8098, §7.5).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mime/message/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// "delivery-status" or "disposition-notification", for a report class.
std::string_view report_type(std::string_view message_class);

/// The second part of a multipart/report, for a report class.
std::unique_ptr<Entity> report_entity(const mapi::Message& message, ComposeContext& context);

}  // namespace postern::mime
