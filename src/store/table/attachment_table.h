// Attachment rows of a message: properties, a reference to content, an embedded message.
//
// Content is shared: several attachments (a message and its copy embedded in a report) refer to the
// same octets, which are removed with the last of them (drop_if_disowned).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mapi/message.h"
#include "store/database/connection.h"
#include "store/table/content_staging.h"
#include "store/table/content_table.h"

namespace postern::store {

struct AttachmentRow {
  mapi::Attachment attachment;           ///< without its embedded message
  std::optional<std::int64_t> embedded;  ///< the id of that message
};

/// In the order of their positions.
std::vector<AttachmentRow> load_attachment_rows(Connection& connection, const ContentOrigin& origin,
                                                std::int64_t message_id);

/// The contents that the attachments of the message have, those of messages embedded in it
/// included.
std::vector<ContentId> contents_below(Connection& connection, std::int64_t message_id);

void insert_attachment(Connection& connection, std::int64_t message_id, std::size_t position,
                       const mapi::Attachment& attachment, ContentPlacement& contents);

/// Writes the rows of `after` that differ from those of `before`, which are what the store holds.
void update_attachments(Connection& connection, std::int64_t message_id,
                        const std::vector<mapi::Attachment>& before,
                        const std::vector<mapi::Attachment>& after, ContentPlacement& contents);

/// Deletes those of the message, with the messages embedded in them, and leaves their contents.
void delete_attachments(Connection& connection, std::int64_t message_id);

/// Implemented by the message table, whose rows embedded messages are.
void insert_embedded_message(Connection& connection, std::int64_t attachment_id,
                             const mapi::Message& message, ContentPlacement& contents);
void delete_embedded_message(Connection& connection, std::int64_t attachment_id);

}  // namespace postern::store
