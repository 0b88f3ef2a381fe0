// Attachments as parts (mapi-to-mime.md §6).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// The attachment's file name (§6.2): the last component of the long, the short or the display
/// name, without control characters; else "attachment" with the number and an extension for the
/// type.
std::string attachment_name(const mapi::Attachment& attachment, std::size_t number,
                            std::string_view media_type);

/// How the HTML body shows an attachment (§6.3).
struct InlineUse {
  /// The Content-Location that the HTML refers to; empty if it refers to the content id.
  std::string location;
};
/// For each attachment of the message, in order; nullopt: the HTML does not show it. `html` is null
/// if no HTML is sent.
std::vector<std::optional<InlineUse>> inline_uses(const mapi::Message& message,
                                                  const std::string* html);

/// The part of one attachment; `number` counts from 1. Returns null for the exception objects of
/// recurring appointments, which belong to the calendar part (§6.5).
std::unique_ptr<Entity> attachment_entity(const mapi::Attachment& attachment, std::size_t number,
                                          const std::optional<InlineUse>& inline_use,
                                          const Parent& parent, ComposeContext& context);

}  // namespace postern::mime
