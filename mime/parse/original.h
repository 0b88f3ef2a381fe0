// What a message object has no place for, kept as it came (PR_POSTERN_ORIGINAL).
#pragma once

#include <optional>

#include "mapi/content.h"
#include "mapi/message.h"
#include "mime/original.h"
#include "mime/parse/mail_part.h"

namespace postern::mime {

/// An attachment that composing puts in the place of the message's content or body: the part with
/// the fields that describe it. Nullopt if these cannot be sent as they are.
std::optional<mapi::Attachment> original_content(const MailPart& part, OriginalExtent extent,
                                                 const mapi::Content& mail);

/// The same of a whole message, its header included.
mapi::Attachment original_message(const mapi::Content& message);

/// The part's content under the fields that describe it, as a MIME entity.
std::optional<mapi::Content> entity_of(const MailPart& part, const mapi::Content& mail);

}  // namespace postern::mime
