// One part of a mail as an attachment (mapi-to-mime.md §6, from right to left).
#pragma once

#include <span>
#include <string_view>

#include "mapi/message.h"
#include "mime/parse/content_properties.h"
#include "mime/parse/mail_part.h"

namespace postern::mime {

struct ReadAttachment {
  mapi::Attachment attachment;
  bool is_whole = true;  ///< composing makes the same part of it
};

/// Of a leaf, or of a message within the mail. `number`: from 1, for one without a name;
/// `is_related`: the HTML shows it.
ReadAttachment attachment_of(const MailPart& part, std::size_t number, bool is_related,
                             const Reading& reading);

/// Whether the part has no fields that describe content but these.
bool has_only_fields(const MailPart& part, std::span<const std::string_view> known);

}  // namespace postern::mime
