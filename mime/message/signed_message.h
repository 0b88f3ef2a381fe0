// S/MIME objects: the one attachment is the body, octet for octet (mapi-to-mime.md §8,
// [MS-OXOSMIME]).
//
// A signed entity is never rebuilt: its top header block is read, the rest is passed on. Only line
// ends become CRLF, which is what was signed (RFC 8551 §3.1.1).
#pragma once

#include <memory>

#include "mime/context/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// The entity that was made of the content to be sent instead of it (PR_POSTERN_SECURED_ENTITY of
/// an attachment, the number being that of the options); null if the message has none at all.
/// Throws mapi::Failure(MAPI_E_CORRUPT_DATA) if it has only others or what it has is no signed or
/// encrypted entity: the content is never sent in its place.
std::unique_ptr<Entity> secured_entity(const mapi::Message& message, ComposeContext& context);

/// The content of an S/MIME object; null, and that is told, if the object is not what its class
/// says: it is sent as an ordinary note then.
std::unique_ptr<Entity> signed_entity(const mapi::Message& message, ComposeContext& context);

}  // namespace postern::mime
