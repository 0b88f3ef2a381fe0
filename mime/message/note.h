// The content of an ordinary note or a report: body, inline parts, attachments, in the multipart
// structure of mapi-to-mime.md §5.
#pragma once

#include <memory>
#include <string>

#include "mime/context/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// text or alternative; within related if the HTML shows attachments; within mixed if there are
/// others.
std::unique_ptr<Entity> note_entity(const mapi::Message& message, const Parent& parent,
                                    ComposeContext& context);

/// multipart/mixed of the text alone and the whole message as TNEF (§9). `message_id`: as for
/// tnef_part.
std::unique_ptr<Entity> tnef_note_entity(const mapi::Message& message, const Parent& parent,
                                         const std::string& message_id, ComposeContext& context);

/// multipart/report (RFC 6522): the note, the machine-readable part, and the original message if it
/// is attached.
std::unique_ptr<Entity> report_note_entity(const mapi::Message& message, const Parent& parent,
                                           ComposeContext& context);

}  // namespace postern::mime
