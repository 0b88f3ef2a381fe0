// Entities that are sent octet for octet, since they are signed or came that way
// (mapi-to-mime.md §8).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "mapi/content.h"
#include "mime/context/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

using AcceptsType = std::function<bool(std::string_view content_type)>;
/// The data as an entity under its own Content-* fields; null if it does not begin with a header
/// block that has a Content-Type, and one that is accepted. Tells of what a server may change.
std::unique_ptr<Entity> finished_entity(const mapi::Content& data, ComposeContext& context,
                                        const AcceptsType& accepts = {});

/// message/rfc822 of a whole message.
std::unique_ptr<Entity> finished_message(const mapi::Content& message);

/// "type/subtype" of a Content-Type in lower case.
std::string media_type_of(std::string_view content_type);

}  // namespace postern::mime
