// What an attachment with PR_POSTERN_ORIGINAL holds, by the property's value: octets that are sent
// in the place of what the properties and the other attachments of the message say.
//
// Whoever changes the content of a message that has one removes the attachment.
#pragma once

#include <cstdint>
#include <optional>

#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::mime {

enum class OriginalExtent : std::int32_t {
  content = 1,  ///< a MIME entity: everything but the header
  body = 2,     ///< a MIME entity: the text, beside which the attachments stand
  message = 3   ///< a whole message, of one that is embedded
};

/// Nullopt: the attachment is one like others.
std::optional<OriginalExtent> original_extent(const mapi::Attachment& attachment);

}  // namespace postern::mime
#pragma GCC visibility pop
