// The outgoing queue: a table of its own, in the order (submit time, sequence).
//
// The submit time of a row is the message's PR_CLIENT_SUBMIT_TIME, but never before that of a row
// queued earlier, be it gone already: a clock set back, or one submission that takes longer than
// another, must not put a message in front of what a reader of the queue has passed.
//
// Whether a message is queued is whether it has a row here. The lock of the spooler is not in the
// table (spooler_logon.h); whoever lists the queue adds it. Every function runs within the caller's
// transaction or snapshot.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mapi/msg_store.h"
#include "store/table/message_table.h"

namespace postern::store {

/// The submit flags of a queued message, without SUBMITFLAG_LOCKED; nothing when it is not queued.
std::optional<std::int32_t> submit_flags(SqliteConnection& connection, MessageId id);

void enqueue(SqliteConnection& connection, MessageId id, const mapi::Message& message,
             std::int32_t submit_flags);

/// Takes over what the message says about when to send it. False when the row says so already or
/// the message is not queued.
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
