#include "store/table/queue_table.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "mapi/property_tags.h"

namespace postern::store {
namespace {

// Values of `due`, in this order: a hold of the spooler's does not end one of the operator's.
constexpr std::int64_t on_hold = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t last_time = due_without_end - 1;
static_assert(due_without_end < on_hold);

// Times are 64 unsigned bits; SQLite's integers are signed. A time beyond the year 30,000 becomes
// the last one that keeps its order.
std::int64_t column(mapi::FileTime time) {
  return static_cast<std::int64_t>(std::min(time.ticks, static_cast<std::uint64_t>(last_time)));
}
std::optional<std::int64_t> column(std::optional<mapi::FileTime> time) {
  return time ? std::optional(column(*time)) : std::nullopt;
}
std::optional<mapi::FileTime> time_of(std::optional<std::int64_t> value) {
  return value ? std::optional(from_queue_time(*value)) : std::nullopt;
}

/// A time that is there and not MAPI's "none".
std::optional<std::int64_t> wait_until(std::optional<mapi::FileTime> time) {
  return time && !time->is_none() ? std::optional(column(*time)) : std::nullopt;
}

std::optional<std::int64_t> due(std::optional<mapi::FileTime> deferred_send_time,
                                std::optional<mapi::FileTime> next_attempt) {
  return std::max(wait_until(deferred_send_time), wait_until(next_attempt));
}

std::vector<DueRow> due_rows(Query row) {
  std::vector<DueRow> rows;
  while (row.next()) {
    rows.push_back({.message = row.integer(0),
                    .submit_flags = static_cast<std::int32_t>(row.integer(1)),
                    .position = {row.integer(2), row.integer(0)}});
  }
  return rows;
}

std::optional<std::int32_t> first_flags(Query row) {
  if (!row.next()) return std::nullopt;
  return static_cast<std::int32_t>(row.integer(0));
}

std::int64_t at_most(std::size_t limit) {
  constexpr std::size_t most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(limit, most));
}

#define POSTERN_SELECT_QUEUE_ROWS                                                      \
  "SELECT q.message_id, q.client_submit_time, m.subject, m.sender_name, m.display_to," \
  " m.display_cc, m.display_bcc, m.message_flags, q.submit_flags, m.priority, m.size," \
  " q.deferred_send_time, q.next_attempt, q.due FROM outgoing_queue q"                 \
  " LEFT JOIN message m ON m.id = q.message_id"

QueueRow current_row(const Query& row, const StoreUid& store) {
  QueueRow found;
  found.message = row.integer(0);
  found.row = {
      .entry_id = make_entry_id(store, ObjectKind::message, found.message),
      .sequence = found.message,
      .client_submit_time = from_queue_time(row.integer(1)),
      .subject = row.text(2),
      .sender_name = row.text(3),
      .display_to = row.text(4),
      .display_cc = row.text(5),
      .display_bcc = row.text(6),
      .message_flags = static_cast<std::int32_t>(row.integer(7)),
      .submit_flags = static_cast<std::int32_t>(row.integer(8)),
      .priority = static_cast<std::int32_t>(row.integer(9)),
      .message_size = static_cast<std::uint64_t>(row.integer(10)),
      .deferred_send_time = time_of(row.optional_integer(11)),
      .next_attempt = time_of(row.optional_integer(12)),
      .on_hold = row.optional_integer(13) == on_hold,
      .held_without_end = row.optional_integer(13) == due_without_end,
  };
  return found;
}

}  // namespace

std::int64_t queue_time(mapi::FileTime time) {
  return column(time);
}

mapi::FileTime from_queue_time(std::int64_t value) {
  return {static_cast<std::uint64_t>(value)};
}

std::optional<std::int32_t> submit_flags(Connection& connection, MessageId id) {
  return first_flags(
      connection.query("SELECT submit_flags FROM outgoing_queue WHERE message_id = ?", id));
}

void enqueue(Connection& connection, MessageId id, const mapi::Message& message,
             std::int32_t submit_flags) {
  connection.run(
      "INSERT INTO outgoing_queue (message_id, client_submit_time, submit_flags,"
      " deferred_send_time, next_attempt, due)"
      " SELECT ?1, CASE WHEN last.time = ?7 THEN ?7 WHEN last.time >= ?2 THEN last.time + 1"
      " ELSE ?2 END, ?3, ?4, ?5, ?6"
      " FROM (SELECT max(client_submit_time) AS time FROM outgoing_queue) last",
      id, column(message.get_or(mapi::PR_CLIENT_SUBMIT_TIME, {})), std::int64_t{submit_flags},
      wait_until(message.get(mapi::PR_DEFERRED_SEND_TIME)),
      column(message.get(mapi::PR_POSTERN_NEXT_ATTEMPT)),
      due(message.get(mapi::PR_DEFERRED_SEND_TIME), message.get(mapi::PR_POSTERN_NEXT_ATTEMPT)),
      last_time);
}

bool update_queue_row(Connection& connection, MessageId id, const mapi::Message& message) {
  return connection.run_and_count(
             "UPDATE outgoing_queue SET deferred_send_time = ?2, next_attempt = ?3,"
             " due = CASE WHEN due = ?5 THEN due ELSE ?4 END WHERE message_id = ?1"
             " AND (deferred_send_time IS DISTINCT FROM ?2 OR next_attempt IS DISTINCT FROM ?3)",
             id, wait_until(message.get(mapi::PR_DEFERRED_SEND_TIME)),
             column(message.get(mapi::PR_POSTERN_NEXT_ATTEMPT)),
             due(message.get(mapi::PR_DEFERRED_SEND_TIME),
                 message.get(mapi::PR_POSTERN_NEXT_ATTEMPT)),
             on_hold) != 0;
}

std::vector<MessageId> messages_of(const std::vector<DueRow>& rows) {
  std::vector<MessageId> messages;
  messages.reserve(rows.size());
  std::ranges::transform(rows, std::back_inserter(messages), &DueRow::message);
  return messages;
}

std::vector<DueRow> ready_rows(Connection& connection, DuePosition after, std::size_t limit) {
  return due_rows(
      connection.query("SELECT message_id, submit_flags, client_submit_time FROM outgoing_queue"
                       " WHERE due IS NULL AND (client_submit_time, message_id) > (?, ?)"
                       " ORDER BY client_submit_time, message_id LIMIT ?",
                       after.time, after.message, at_most(limit)));
}

std::vector<DueRow> overdue_rows(Connection& connection, mapi::FileTime now, DuePosition after,
                                 std::size_t limit) {
  return due_rows(
      connection.query("SELECT message_id, submit_flags, due FROM outgoing_queue"
                       " WHERE due IS NOT NULL AND due <= ? AND (due, message_id) > (?, ?)"
                       " ORDER BY due, message_id LIMIT ?",
                       column(now), after.time, after.message, at_most(limit)));
}

std::vector<DueRow> held_rows(Connection& connection, DuePosition after, std::size_t limit) {
  return overdue_rows(connection, from_queue_time(last_time), after, limit);
}

bool is_queue_empty(Connection& connection) {
  return !connection.query("SELECT 1 FROM outgoing_queue LIMIT 1").next();
}

void hold(Connection& connection, MessageId id, std::optional<mapi::FileTime> until) {
  if (until) {
    connection.run(
        "UPDATE outgoing_queue SET next_attempt = ?2,"
        " due = CASE WHEN due > ?2 THEN due ELSE ?2 END WHERE message_id = ?1",
        id, column(*until));
  } else {
    connection.run(
        "UPDATE outgoing_queue SET due = CASE WHEN due > ?2 THEN due ELSE ?2 END"
        " WHERE message_id = ?1",
        id, due_without_end);
  }
}

int end_holds_without_end(Connection& connection) {
  return connection.run_and_count(
      "UPDATE outgoing_queue SET due = deferred_send_time WHERE due = ?", due_without_end);
}

void set_on_hold(Connection& connection, MessageId id, bool holds) {
  if (holds) {
    connection.run("UPDATE outgoing_queue SET due = ? WHERE message_id = ?", on_hold, id);
  } else {
    connection.run(
        "UPDATE outgoing_queue SET due = CASE WHEN next_attempt IS NULL"
        " OR deferred_send_time > next_attempt THEN deferred_send_time ELSE next_attempt END"
        " WHERE message_id = ? AND due = ?",
        id, on_hold);
  }
}

std::optional<std::int32_t> due_submit_flags(Connection& connection, MessageId id,
                                             mapi::FileTime now) {
  return first_flags(
      connection.query("SELECT submit_flags FROM outgoing_queue WHERE message_id = ?"
                       " AND (due IS NULL OR due <= ?)",
                       id, column(now)));
}

std::vector<MessageId> attempts_beyond(Connection& connection, mapi::FileTime latest,
                                       mapi::FileTime now, std::size_t limit) {
  return numbers_of(connection.query(
      "SELECT message_id FROM outgoing_queue WHERE due > ? AND due <= ?"
      " AND (deferred_send_time IS NULL OR deferred_send_time <= ?) ORDER BY due LIMIT ?",
      column(latest), last_time, column(now), at_most(limit)));
}

void retry_now(Connection& connection, MessageId id) {
  connection.run(
      "UPDATE outgoing_queue SET next_attempt = NULL, due = deferred_send_time"
      " WHERE message_id = ? AND due IS DISTINCT FROM ?",
      id, on_hold);
}

std::optional<std::int64_t> retry_rows(Connection& connection, std::int64_t after,
                                       std::size_t limit) {
  auto row = connection.query(
      "SELECT max(message_id), count(*) FROM (SELECT message_id FROM outgoing_queue"
      " WHERE message_id > ? ORDER BY message_id LIMIT ?) AS first",
      after, at_most(limit));
  if (!row.next() || row.integer(1) == 0) return std::nullopt;
  const auto last = row.integer(0);
  const bool may_be_more = row.integer(1) == at_most(limit);
  connection.run(
      "UPDATE outgoing_queue SET next_attempt = NULL, due = deferred_send_time"
      " WHERE message_id > ? AND message_id <= ? AND next_attempt IS NOT NULL"
      " AND due IS DISTINCT FROM ?",
      after, last, on_hold);
  return may_be_more ? std::optional(last) : std::nullopt;
}

void set_submit_flags(Connection& connection, MessageId id, std::int32_t submit_flags) {
  connection.run("UPDATE outgoing_queue SET submit_flags = ? WHERE message_id = ?", submit_flags,
                 id);
}

bool dequeue(Connection& connection, MessageId id) {
  return connection.run_and_count("DELETE FROM outgoing_queue WHERE message_id = ?", id) != 0;
}

std::vector<QueueRow> queue_rows(Connection& connection, const StoreUid& store,
                                 std::optional<mapi::MsgStore::QueuePosition> after,
                                 std::size_t limit) {
  const auto start = after ? std::pair(column(after->client_submit_time), after->sequence)
                           : std::pair(std::int64_t{-1}, std::int64_t{0});
  auto row = connection.query(POSTERN_SELECT_QUEUE_ROWS
                              " WHERE (q.client_submit_time, q.message_id) > (?, ?)"
                              " ORDER BY q.client_submit_time, q.message_id LIMIT ?",
                              start.first, start.second, at_most(limit));
  std::vector<QueueRow> rows;
  while (row.next()) rows.push_back(current_row(row, store));
  return rows;
}

std::optional<QueueRow> queue_row(Connection& connection, const StoreUid& store, MessageId id) {
  auto row = connection.query(POSTERN_SELECT_QUEUE_ROWS " WHERE q.message_id = ?", id);
  if (!row.next()) return std::nullopt;
  return current_row(row, store);
}

#undef POSTERN_SELECT_QUEUE_ROWS

}  // namespace postern::store
