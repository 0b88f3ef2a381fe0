// Attachments as parts (mapi-to-mime.md §6).
#pragma once

#include <cstddef>
#include <memory>

#include "mime/attachment/content_ids.h"
#include "mime/context/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// The part of one attachment; `number` counts from 1. Returns null for the exception objects of
/// recurring appointments, which belong to the calendar part (§6.5).
std::unique_ptr<Entity> attachment_entity(const mapi::Attachment& attachment, std::size_t number,
                                          const InlineUse& use, const Parent& parent,
                                          ComposeContext& context);

}  // namespace postern::mime
