// A message as TNEF, the form that Outlook alone reads (mapi-to-mime.md §9).
#pragma once

#include <memory>
#include <string>

#include "mapi/message.h"
#include "mime/compose_options.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// Whether the message that is sent is to be TNEF.
bool goes_as_tnef(const mapi::Message& message, const ComposeOptions& options);

/// The whole message as winmail.dat. `message_id` is that of the mail: the same stands in both, so
/// that readers know that they belong together.
std::unique_ptr<Entity> tnef_part(const mapi::Message& message, const std::string& message_id);

}  // namespace postern::mime
