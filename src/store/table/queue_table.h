// The outgoing queue: a table of its own, in the order (submit time, sequence).
//
// The submit time of a row is the message's PR_CLIENT_SUBMIT_TIME, but never before that of an
// earlier row, even a removed one: a clock that is set back, or a submission that takes longer than
// another, must not put a message before the position of a reader of the queue.
//
// A message is queued if and only if it has a row here. The spooler's lock is not in the table
// (spooler_logon.h); the caller that lists the queue adds it. Every function runs within the
// caller's transaction or snapshot.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mapi/msg_store.h"
#include "store/table/message_table.h"

namespace postern::store {

/// The submit flags of a queued message, without SUBMITFLAG_LOCKED; nullopt if it is not queued.
std::optional<std::int32_t> submit_flags(SqliteConnection& connection, MessageId id);

void enqueue(SqliteConnection& connection, MessageId id, const mapi::Message& message,
             std::int32_t submit_flags);

/// Copies the message's send times to its row. Returns false if the row has them already or the
/// message is not queued.
bool update_queue_row(SqliteConnection& connection, MessageId id, const mapi::Message& message);

void set_submit_flags(SqliteConnection& connection, MessageId id, std::int32_t submit_flags);

void dequeue(SqliteConnection& connection, MessageId id);

struct QueueRow {
  MessageId message = 0;
  mapi::OutgoingQueueRow row;
};
std::vector<QueueRow> queue_rows(SqliteConnection& connection, const StoreUid& store,
                                 std::optional<mapi::MsgStore::QueuePosition> after,
                                 std::size_t limit);
std::optional<QueueRow> queue_row(SqliteConnection& connection, const StoreUid& store,
                                  MessageId id);

}  // namespace postern::store
