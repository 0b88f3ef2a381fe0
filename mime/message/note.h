// The content of an ordinary note or a report: body, inline parts, attachments, in the skeletons of
// mapi-to-mime.md §5.
#pragma once

#include <memory>

#include "mime/message/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// text | alternative, in related with what the HTML shows, in mixed with the attachments.
std::unique_ptr<Entity> note_entity(const mapi::Message& message, const Parent& parent,
                                    ComposeContext& context);

/// multipart/report: the note, what a machine reads, and the message it is about where that is
/// attached (RFC 6522).
std::unique_ptr<Entity> report_note_entity(const mapi::Message& message, const Parent& parent,
                                           ComposeContext& context);

}  // namespace postern::mime
