// S/MIME objects: the one attachment is the body, octet for octet (mapi-to-mime.md §8,
// [MS-OXOSMIME]).
//
// A signed entity is never rebuilt: its top header block is read, the rest is passed on. Only line
// ends become CRLF, which is what was signed (RFC 8551 §3.1.1).
#pragma once

#include <memory>

#include "mime/message/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// The content of an S/MIME object; null, with a warning, if the object is not what its class says:
/// it is sent as an ordinary note then.
std::unique_ptr<Entity> signed_entity(const mapi::Message& message, ComposeContext& context);

}  // namespace postern::mime
