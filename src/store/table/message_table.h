// Messages in the store: their rows, written part by part, and loaded as a whole.
//
// A message is its properties (small ones, big ones and the transcript apart), recipient rows,
// attachment rows with their content, and the messages embedded in those. An update writes only the
// parts that differ. Every function runs within the caller's transaction or snapshot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "mapi/message.h"
#include "store/database/connection.h"
#include "store/table/content_staging.h"
#include "store/table/content_table.h"

namespace postern::store {

using MessageId = std::int64_t;
using FolderId = std::int64_t;

/// A row of the table `recipient` holds the recipients of so many positions, its own being the
/// first, so that values which they have in common are written once (value_codec.h). The outcome of
/// a single one rewrites a page or two.
inline constexpr std::size_t recipients_together = 16;

/// The state of a message without loading it.
struct MessageState {
  FolderId folder = 0;
  std::int64_t change_number = 0;  ///< counts the saves
  std::int32_t message_flags = 0;
  std::int64_t size = 0;  ///< in octets
};

/// Returns nullopt for a message that does not exist (any more).
std::optional<MessageState> message_state(Connection& connection, MessageId id);

/// Whether a message with this id ever existed.
bool ever_existed(Connection& connection, MessageId id);

/// A message with what the store knows of it besides.
struct LoadedMessage {
  MessageState state;
  std::optional<std::int32_t> submit_flags;  ///< without SUBMITFLAG_LOCKED; nullopt: not queued
  mapi::Message message;
};

/// The whole message; attachment data stays in the store until it is read. PR_MESSAGE_FLAGS,
/// PR_MESSAGE_SIZE and PR_ENTRYID are set. Nullopt for one that does not exist (any more). Throws
/// MAPI_E_CORRUPT_STORE.
std::optional<LoadedMessage> load_message(Connection& connection, const ContentOrigin& origin,
                                          MessageId id);

/// Those of several messages that are whole and no bigger than a spooler reads as it claims them,
/// with others; nothing bigger is kept for later.
std::map<MessageId, LoadedMessage> load_small_messages(Connection& connection,
                                                       const ContentOrigin& origin,
                                                       std::span<const MessageId> ids);

/// What can be read of a message, perhaps a damaged one. Of a damaged one there are its smaller
/// properties and its recipients at most: an update that takes this for its base leaves the rest in
/// the store alone.
mapi::Message load_what_is_intact(Connection& connection, const ContentOrigin& origin,
                                  MessageId id);

/// Its attachments alone.
std::vector<mapi::Attachment> load_attachments(Connection& connection, const ContentOrigin& origin,
                                               MessageId id);

MessageId insert_message(Connection& connection, FolderId folder, const mapi::Message& message,
                         std::int32_t message_flags, ContentPlacement& contents);

/// Writes the differences between `value` and `base`, which the store holds, and counts the save.
/// `folder`: it moves there as well.
void update_message(Connection& connection, MessageId id, const mapi::Message& base,
                    const mapi::Message& value, std::int32_t message_flags,
                    ContentPlacement& contents, std::optional<FolderId> folder = std::nullopt);

/// Changes the flags alone, and counts it as a save.
void set_message_flags(Connection& connection, MessageId id, std::int32_t message_flags);

void move_message(Connection& connection, MessageId id, FolderId folder);

/// Deletes the message and everything that belongs to it alone. Returns whether it had content,
/// which may be garbage now.
bool delete_message(Connection& connection, MessageId id);

/// Messages in folders with this envelope id or Message-ID, newest first.
std::vector<MessageId> messages_with(Connection& connection, mapi::MsgStore::Correlator by,
                                     std::string_view value, std::size_t limit);

}  // namespace postern::store
