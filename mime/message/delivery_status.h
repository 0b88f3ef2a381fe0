// The content of message/delivery-status (RFC 3464; mapi-to-mime.md §7.4, mapi-submission.md §14).
#pragma once

#include <string>

#include "mapi/message.h"
#include "mime/compose_options.h"

namespace postern::mime {

/// Of a delivery report: what it says of the message, and of each recipient. P1 rows are its own
/// envelope and not reported on.
std::string delivery_status(const mapi::Message& report, const ComposeOptions& options);

}  // namespace postern::mime
