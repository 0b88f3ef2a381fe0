#include "store/engine/claim_table.h"

#include <algorithm>
#include <tuple>

namespace postern::store {
namespace {

struct Claimed {
  std::int64_t first_key = 0;
  std::int64_t second_key = 0;
  DueRow row;
};

/// RETURNING has no order of its own.
std::vector<DueRow> in_order(Query found) {
  std::vector<Claimed> claimed;
  while (found.next()) {
    claimed.push_back({found.integer(2),
                       found.integer(3),
                       {found.integer(0), static_cast<std::int32_t>(found.integer(1))}});
  }
  std::ranges::sort(claimed, {},
                    [](const Claimed& one) { return std::tuple(one.first_key, one.second_key); });
  std::vector<DueRow> rows;
  for (const auto& one : claimed) rows.push_back(one.row);
  return rows;
}

std::vector<std::int64_t> numbers_of(Query row) {
  std::vector<std::int64_t> found;
  while (row.next()) found.push_back(row.integer(0));
  return found;
}

}  // namespace

std::vector<DueRow> claim_ready(Connection& connection, SessionNumber session, std::size_t limit) {
  return in_order(connection.query(
      "UPDATE outgoing_queue SET claimed_by = ?1 WHERE sequence IN"
      " (SELECT sequence FROM outgoing_queue WHERE due IS NULL AND claimed_by IS NULL"
      " ORDER BY client_submit_time, sequence LIMIT ?2 FOR UPDATE SKIP LOCKED)"
      " RETURNING message_id, submit_flags, client_submit_time, sequence",
      session, static_cast<std::int64_t>(limit)));
}

std::vector<DueRow> claim_overdue(Connection& connection, SessionNumber session, mapi::FileTime now,
                                  std::size_t limit) {
  return in_order(connection.query(
      "UPDATE outgoing_queue SET claimed_by = ?1 WHERE sequence IN"
      " (SELECT sequence FROM outgoing_queue WHERE due <= ?3 AND claimed_by IS NULL"
      " ORDER BY due LIMIT ?2 FOR UPDATE SKIP LOCKED)"
      " RETURNING message_id, submit_flags, due, sequence",
      session, static_cast<std::int64_t>(limit), queue_time(now)));
}

bool claim_message(Connection& connection, SessionNumber session, MessageId id) {
  return connection.run_and_count(
             "UPDATE outgoing_queue SET claimed_by = ? WHERE message_id = ?"
             " AND claimed_by IS NULL",
             session, id) != 0;
}

void release_claim(Connection& connection, SessionNumber session, MessageId id) {
  connection.run(
      "UPDATE outgoing_queue SET claimed_by = NULL WHERE message_id = ? AND claimed_by = ?", id,
      session);
}

void release_all(Connection& connection, SessionNumber session) {
  connection.run("UPDATE outgoing_queue SET claimed_by = NULL WHERE claimed_by = ?", session);
  connection.run(
      "UPDATE outgoing_queue SET held_by = NULL,"
      " due = CASE WHEN due = ?2 THEN deferred_send_time ELSE due END WHERE held_by = ?1",
      session, due_without_end);
}

std::optional<SessionNumber> claimed_by(Connection& connection, MessageId id) {
  auto row = connection.query("SELECT claimed_by FROM outgoing_queue WHERE message_id = ?", id);
  return row.next() ? row.optional_integer(0) : std::nullopt;
}

bool keep_claim(Connection& connection, SessionNumber session, MessageId id) {
  return connection
      .query("SELECT 1 FROM outgoing_queue WHERE message_id = ? AND claimed_by = ? FOR UPDATE", id,
             session)
      .next();
}

std::vector<MessageId> claimed_messages(Connection& connection) {
  return numbers_of(
      connection.query("SELECT message_id FROM outgoing_queue WHERE claimed_by IS NOT NULL"));
}

std::vector<MessageId> claims_of(Connection& connection, SessionNumber session) {
  return numbers_of(
      connection.query("SELECT message_id FROM outgoing_queue WHERE claimed_by = ?", session));
}

std::vector<SessionNumber> claimants(Connection& connection) {
  return numbers_of(
      connection.query("SELECT claimed_by FROM outgoing_queue WHERE claimed_by IS NOT NULL UNION"
                       " SELECT held_by FROM outgoing_queue WHERE held_by IS NOT NULL"));
}

void remove_old_marks(Connection& connection) {
  connection.run("DELETE FROM commit_mark WHERE used < now() - INTERVAL '1 day'");
}

void set_holder(Connection& connection, SessionNumber session, MessageId id) {
  connection.run("UPDATE outgoing_queue SET held_by = ? WHERE message_id = ?", session, id);
}

std::optional<mapi::FileTime> next_unclaimed_due(Connection& connection) {
  if (connection
          .query("SELECT 1 FROM outgoing_queue WHERE due IS NULL AND claimed_by IS NULL LIMIT 1")
          .next()) {
    return mapi::FileTime{};
  }
  auto row = connection.query(
      "SELECT due FROM outgoing_queue WHERE due < ? AND claimed_by IS NULL ORDER BY due LIMIT 1",
      due_without_end);
  if (!row.next()) return std::nullopt;
  return mapi::FileTime{static_cast<std::uint64_t>(row.integer(0))};
}

}  // namespace postern::store
