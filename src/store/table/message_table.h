// Messages in the store: their rows, written part by part, and loaded as a whole.
//
// A message is its properties (small ones, big ones and the transcript apart), recipient rows,
// attachment rows with their content, and the messages embedded in those. An update writes only the
// parts that differ. Every function runs within the caller's transaction or snapshot.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "mapi/message.h"
#include "store/sqlite/connection.h"
#include "store/table/content_staging.h"
#include "store/table/content_table.h"

namespace postern::store {

using MessageId = std::int64_t;
using FolderId = std::int64_t;

/// The state of a message without loading it.
struct MessageState {
  FolderId folder = 0;
  std::int64_t change_number = 0;  ///< counts the saves
  std::int32_t message_flags = 0;
};

/// Returns nullopt for a message that does not exist (any more).
std::optional<MessageState> message_state(SqliteConnection& connection, MessageId id);

/// Whether a message with this id ever existed.
bool ever_existed(SqliteConnection& connection, MessageId id);

/// The whole message; attachment data stays in the store until it is read. PR_MESSAGE_FLAGS,
/// PR_MESSAGE_SIZE and PR_ENTRYID are set. Throws MAPI_E_CORRUPT_STORE.
mapi::Message load_message(SqliteConnection& connection, const ContentOrigin& origin, MessageId id);

/// What can be read of a message, perhaps a damaged one. Of a damaged one there are its smaller
/// properties and its recipients at most: an update that takes this for its base leaves the rest in
/// the store alone.
mapi::Message load_what_is_intact(SqliteConnection& connection, const ContentOrigin& origin,
                                  MessageId id);

/// Its attachments alone.
std::vector<mapi::Attachment> load_attachments(SqliteConnection& connection,
                                               const ContentOrigin& origin, MessageId id);

MessageId insert_message(SqliteConnection& connection, FolderId folder,
                         const mapi::Message& message, std::int32_t message_flags,
                         ContentPlacement& contents);

/// Writes the differences between `value` and `base`, which the store holds, and counts the save.
void update_message(SqliteConnection& connection, MessageId id, const mapi::Message& base,
                    const mapi::Message& value, std::int32_t message_flags,
                    ContentPlacement& contents);

/// Changes the flags alone, and counts it as a save.
void set_message_flags(SqliteConnection& connection, MessageId id, std::int32_t message_flags);

void move_message(SqliteConnection& connection, MessageId id, FolderId folder);

/// Deletes the message and everything that belongs to it alone.
void delete_message(SqliteConnection& connection, MessageId id);

/// Messages in folders with this envelope id or Message-ID, newest first.
std::vector<MessageId> messages_with(SqliteConnection& connection, mapi::MsgStore::Correlator by,
                                     std::string_view value, std::size_t limit);

}  // namespace postern::store
