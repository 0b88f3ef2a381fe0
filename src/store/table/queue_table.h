// The outgoing queue: a table of its own, in the order (submit time, message).
//
// A row that waits for nothing has no `due`; else that is the later of the deferred send time and
// the next attempt, and stays when it is past. So taking the first of either kind costs the same
// however long the queue is. The two last times are for what waits without end: until the spooler's
// logon ends, and until an operator releases it, which nothing else changes.
//
// The submit time of a row is the message's PR_CLIENT_SUBMIT_TIME, but never before that of an
// earlier row that is still there: a clock that is set back, or a submission that takes longer than
// another, must not put a message before the position of a reader of the queue.
//
// A message is queued if and only if it has a row here. The spooler's lock is not in the table
// (spooler_logon.h); the caller that lists the queue adds it. Every function runs within the
// caller's transaction or snapshot.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "mapi/msg_store.h"
#include "store/table/message_table.h"

namespace postern::store {

/// The value of `due` of what waits as long as a spooler's logon exists.
inline constexpr std::int64_t due_without_end = std::numeric_limits<std::int64_t>::max() - 1;
/// A time as the table has it.
std::int64_t queue_time(mapi::FileTime time);
mapi::FileTime from_queue_time(std::int64_t value);

/// The submit flags of a queued message, without SUBMITFLAG_LOCKED; nullopt if it is not queued.
std::optional<std::int32_t> submit_flags(Connection& connection, MessageId id);

void enqueue(Connection& connection, MessageId id, const mapi::Message& message,
             std::int32_t submit_flags);

/// Copies the message's send times to its row. Returns false if the row has them already or the
/// message is not queued.
bool update_queue_row(Connection& connection, MessageId id, const mapi::Message& message);

/// A place in the order of the messages that wait for nothing, or of those that were held; before
/// all of them if nothing else is said.
struct DuePosition {
  std::int64_t time = -1;  ///< of its submission; when it is due
  MessageId message = 0;
};
/// A queued message as a claim needs it.
struct DueRow {
  MessageId message = 0;
  std::int32_t submit_flags = 0;
  DuePosition position{};
};
std::vector<MessageId> messages_of(const std::vector<DueRow>& rows);
/// The first messages behind `after`, at most `limit`, that wait for nothing; in sending order.
std::vector<DueRow> ready_rows(Connection& connection, DuePosition after, std::size_t limit);
/// Those that were held and are due by `now`; the longest due first.
std::vector<DueRow> overdue_rows(Connection& connection, mapi::FileTime now, DuePosition after,
                                 std::size_t limit);
/// Those that are held, whenever they are due but for those without end, in the same order.
std::vector<DueRow> held_rows(Connection& connection, DuePosition after, std::size_t limit);
bool is_queue_empty(Connection& connection);

/// Leaves the message out of the rows above until that time; nullopt: until
/// `end_holds_without_end`.
void hold(Connection& connection, MessageId id, std::optional<mapi::FileTime> until);
/// Returns how many there were.
int end_holds_without_end(Connection& connection);
/// On hold by an operator, or no longer.
void set_on_hold(Connection& connection, MessageId id, bool on_hold);
/// The submit flags if the message is queued and waits for nothing, or was due by `now`.
std::optional<std::int32_t> due_submit_flags(Connection& connection, MessageId id,
                                             mapi::FileTime now);
/// Those whose next attempt lies beyond `latest`, and that wait for nothing else any more; the
/// first due first, at most `limit`.
std::vector<MessageId> attempts_beyond(Connection& connection, mapi::FileTime latest,
                                       mapi::FileTime now, std::size_t limit);
/// A message that is held for its next attempt is due now, unless on hold.
void retry_now(Connection& connection, MessageId id);
/// The same for the first rows behind that message, at most `limit`. Returns the message of the
/// last of these; nullopt if none can follow.
std::optional<std::int64_t> retry_rows(Connection& connection, std::int64_t after,
                                       std::size_t limit);

void set_submit_flags(Connection& connection, MessageId id, std::int32_t submit_flags);

/// Returns false if it is not queued.
bool dequeue(Connection& connection, MessageId id);

struct QueueRow {
  MessageId message = 0;
  mapi::OutgoingQueueRow row;
};
std::vector<QueueRow> queue_rows(Connection& connection, const StoreUid& store,
                                 std::optional<mapi::MsgStore::QueuePosition> after,
                                 std::size_t limit);
std::optional<QueueRow> queue_row(Connection& connection, const StoreUid& store, MessageId id);

}  // namespace postern::store
