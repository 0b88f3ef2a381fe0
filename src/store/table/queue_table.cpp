#include "store/table/queue_table.h"

#include <algorithm>
#include <limits>

#include "mapi/property_tags.h"

namespace postern::store {
namespace {

// Times are 64 unsigned bits; SQLite's integers are signed. A time beyond the year 30,000 becomes
// the last one that keeps its order.
std::int64_t column(mapi::FileTime time) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(time.ticks, most));
}
std::optional<std::int64_t> column(std::optional<mapi::FileTime> time) {
  return time ? std::optional(column(*time)) : std::nullopt;
}
mapi::FileTime time_of(std::int64_t value) {
  return {static_cast<std::uint64_t>(value)};
}
std::optional<mapi::FileTime> time_of(std::optional<std::int64_t> value) {
  return value ? std::optional(time_of(*value)) : std::nullopt;
}

#define POSTERN_SELECT_QUEUE_ROWS                                                            \
  "SELECT q.message_id, q.sequence, q.client_submit_time, p.subject, p.sender_name,"         \
  " p.display_to, p.display_cc, p.display_bcc, m.message_flags, q.submit_flags, p.priority," \
  " m.size, q.deferred_send_time, q.next_attempt FROM outgoing_queue q"                      \
  " CROSS JOIN message m ON m.id = q.message_id"                                             \
  " CROSS JOIN message_properties p ON p.message_id = q.message_id"

QueueRow current_row(const Query& row, const StoreUid& store) {
  QueueRow found;
  found.message = row.integer(0);
  found.row = {
      .entry_id = make_entry_id(store, ObjectKind::message, found.message),
      .sequence = row.integer(1),
      .client_submit_time = time_of(row.integer(2)),
      .subject = row.text(3),
      .sender_name = row.text(4),
      .display_to = row.text(5),
      .display_cc = row.text(6),
      .display_bcc = row.text(7),
      .message_flags = static_cast<std::int32_t>(row.integer(8)),
      .submit_flags = static_cast<std::int32_t>(row.integer(9)),
      .priority = static_cast<std::int32_t>(row.integer(10)),
      .message_size = static_cast<std::uint64_t>(row.integer(11)),
      .deferred_send_time = time_of(row.optional_integer(12)),
      .next_attempt = time_of(row.optional_integer(13)),
  };
  return found;
}

}  // namespace

std::optional<std::int32_t> submit_flags(SqliteConnection& connection, MessageId id) {
  auto row = connection.query("SELECT submit_flags FROM outgoing_queue WHERE message_id = ?", id);
  if (!row.next()) return std::nullopt;
  return static_cast<std::int32_t>(row.integer(0));
}

void enqueue(SqliteConnection& connection, MessageId id, const mapi::Message& message,
             std::int32_t submit_flags) {
  connection.run("UPDATE store SET last_submit_time = max(last_submit_time, ?)",
                 column(message.get_or(mapi::PR_CLIENT_SUBMIT_TIME, {})));
  connection.run(
      "INSERT INTO outgoing_queue (message_id, client_submit_time, submit_flags,"
      " deferred_send_time, next_attempt) SELECT ?, last_submit_time, ?, ?, ? FROM store",
      id, submit_flags, column(message.get(mapi::PR_DEFERRED_SEND_TIME)),
      column(message.get(mapi::PR_POSTERN_NEXT_ATTEMPT)));
}

bool update_queue_row(SqliteConnection& connection, MessageId id, const mapi::Message& message) {
  return connection.run(
             "UPDATE outgoing_queue SET deferred_send_time = ?2, next_attempt = ?3"
             " WHERE message_id = ?1"
             " AND (deferred_send_time IS NOT ?2 OR next_attempt IS NOT ?3)",
             id, column(message.get(mapi::PR_DEFERRED_SEND_TIME)),
             column(message.get(mapi::PR_POSTERN_NEXT_ATTEMPT))) != 0;
}

void set_submit_flags(SqliteConnection& connection, MessageId id, std::int32_t submit_flags) {
  connection.run("UPDATE outgoing_queue SET submit_flags = ? WHERE message_id = ?", submit_flags,
                 id);
}

void dequeue(SqliteConnection& connection, MessageId id) {
  connection.run("DELETE FROM outgoing_queue WHERE message_id = ?", id);
}

std::vector<QueueRow> queue_rows(SqliteConnection& connection, const StoreUid& store,
                                 std::optional<mapi::MsgStore::QueuePosition> after,
                                 std::size_t limit) {
  constexpr std::size_t most = std::numeric_limits<std::int64_t>::max();
  const auto start = after ? std::pair(column(after->client_submit_time), after->sequence)
                           : std::pair(std::int64_t{-1}, std::int64_t{0});
  auto row =
      connection.query(POSTERN_SELECT_QUEUE_ROWS
                       " WHERE (q.client_submit_time, q.sequence) > (?, ?)"
                       " ORDER BY q.client_submit_time, q.sequence LIMIT ?",
                       start.first, start.second, static_cast<std::int64_t>(std::min(limit, most)));
  std::vector<QueueRow> rows;
  while (row.next()) rows.push_back(current_row(row, store));
  return rows;
}

std::optional<QueueRow> queue_row(SqliteConnection& connection, const StoreUid& store,
                                  MessageId id) {
  auto row = connection.query(POSTERN_SELECT_QUEUE_ROWS " WHERE q.message_id = ?", id);
  if (!row.next()) return std::nullopt;
  return current_row(row, store);
}

#undef POSTERN_SELECT_QUEUE_ROWS

}  // namespace postern::store
