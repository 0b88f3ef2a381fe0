// What a message's attachments keep as it came, as entities (mime/original.h).
#pragma once

#include <memory>

#include "mime/context/compose_context.h"
#include "mime/original.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// The entity of that extent; null if the message has none, or it is damaged, which is told.
std::unique_ptr<Entity> original_entity(const mapi::Message& message, OriginalExtent extent,
                                        ComposeContext& context);

/// The message, and those within it, without the attachments that are originals.
mapi::Message without_originals(const mapi::Message& message);

}  // namespace postern::mime
