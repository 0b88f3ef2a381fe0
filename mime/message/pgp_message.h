// OpenPGP messages that were encrypted as MIME (RFC 3156 §4; mapi-to-mime.md §8).
#pragma once

#include <memory>

#include "mime/context/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// multipart/encrypted of the two attachments that are its parts; null if the message does not have
/// just those. Its own text is a copy for display, perhaps deciphered, and is never sent.
std::unique_ptr<Entity> pgp_encrypted_entity(const mapi::Message& message, ComposeContext& context);

}  // namespace postern::mime
