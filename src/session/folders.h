// What is the same for the folders of every store and the messages in them (mapi-submission.md
// §3.8, §4, §5.1), as functions of values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/file_time.h"
#include "mapi/message.h"
#include "mapi/store_tables.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// PR_STORE_SUPPORT_MASK of a store that keeps all that a message can have, and sends.
std::int32_t store_support_mask();

/// Throws what MsgStore::create_folder does for a name that a folder, or a mailbox, cannot have.
void require_name(std::string_view name);

/// How the table of receive folders writes a class, so that classes compare without case.
std::string receive_class(std::string_view message_class);

/// Which of the classes, as `receive_class` gives them, is the longest prefix of the message's, by
/// whole parts between dots; the empty class is one of all. Nullopt if none is.
std::optional<std::string> longest_prefix(const std::vector<std::string>& classes,
                                          std::string_view message_class);

/// A text as a table shows it.
std::string table_text(std::string_view text);

/// A message as a copy of it begins: what its submission has left is not in it.
mapi::Message copied(mapi::Message message);

/// The message as it comes in: unread, delivered now if it does not say when, with read reports
/// pending if its sender asks for them.
mapi::Message received(mapi::Message message, mapi::FileTime now);

}  // namespace postern::session
#pragma GCC visibility pop
