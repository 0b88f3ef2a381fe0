// The file names of attachments (mapi-to-mime.md §§3.3, 6.2, 6.5).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mapi/message.h"

namespace postern::mime {

/// The attachment's file name: the last component of the long, the short or the display name,
/// without what a file system or a reader could stumble over; empty if it has none.
std::string stored_name(const mapi::Attachment& attachment);

/// The stored name, else "attachment" with the number and an extension for the type.
std::string attachment_name(const mapi::Attachment& attachment, std::size_t number,
                            std::string_view media_type);

/// The name with an extension for the type, if it has none for it yet.
std::string with_extension(std::string_view name, std::string_view media_type);

/// The last component of a path as a file name; empty if nothing of it can be one.
std::string file_name(std::string_view path);

/// The file name of an attached message: its subject, which is a text and no path, and ".eml".
std::string embedded_message_name(std::string_view subject);

}  // namespace postern::mime
