// The demonstration's message object, which uses many features.
//
// HTML with an inline picture, an attachment with a non-ASCII name and content, a non-ASCII
// subject, three recipients and one in Bcc. The catcher refuses two of the recipients by their
// names, one always and one at first only (catcher/behaviour.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mapi/message.h"

namespace postern::cli {

mapi::Message sample_message();

/// The same letter as plain text with a single attachment of that many octets and no picture.
mapi::Message sample_message(std::uint64_t attachment_size);

/// The inline picture: a gate in a castle wall as a PNG of 96 by 64 pixels.
std::vector<std::byte> sample_picture();

}  // namespace postern::cli
