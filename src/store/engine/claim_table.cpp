#include "store/engine/claim_table.h"

#include <array>
#include <string_view>
#include <utility>

#include "store/table/content_table.h"

namespace postern::store {
namespace {

/// RETURNING has no order of its own: the columns behind the claim give it.
std::vector<ClaimedRow> in_order(Query found) {
  std::map<std::pair<std::int64_t, std::int64_t>, ClaimedRow> claimed;
  while (found.next()) {
    claimed[{found.integer(3), found.integer(0)}] = {
        .row = {found.integer(0), static_cast<std::int32_t>(found.integer(1))},
        .claim = found.integer(2)};
  }
  std::vector<ClaimedRow> rows;
  rows.reserve(claimed.size());
  for (const auto& [key, row] : claimed) rows.push_back(row);
  return rows;
}

std::map<std::int64_t, std::int64_t> pairs_of(Query row) {
  std::map<std::int64_t, std::int64_t> found;
  while (row.next()) found.emplace(row.integer(0), row.integer(1));
  return found;
}

}  // namespace

std::vector<ClaimedRow> claim_ready(Connection& connection, SessionNumber session,
                                    std::size_t limit) {
  return in_order(connection.query(
      "UPDATE outgoing_queue SET claimed_by = ?1, claim = nextval('claim_number')"
      " WHERE message_id = ANY (ARRAY"
      " (SELECT message_id FROM outgoing_queue WHERE due IS NULL AND claimed_by IS NULL"
      " ORDER BY client_submit_time, message_id LIMIT ?2 FOR UPDATE SKIP LOCKED))"
      " RETURNING message_id, submit_flags, claim, client_submit_time",
      session, static_cast<std::int64_t>(limit)));
}

std::vector<ClaimedRow> claim_overdue(Connection& connection, SessionNumber session,
                                      mapi::FileTime now, std::size_t limit) {
  return in_order(connection.query(
      "UPDATE outgoing_queue SET claimed_by = ?1, claim = nextval('claim_number')"
      " WHERE message_id = ANY (ARRAY"
      " (SELECT message_id FROM outgoing_queue WHERE due <= ?3 AND claimed_by IS NULL"
      " ORDER BY due LIMIT ?2 FOR UPDATE SKIP LOCKED))"
      " RETURNING message_id, submit_flags, claim, due",
      session, static_cast<std::int64_t>(limit), queue_time(now)));
}

std::optional<ClaimNumber> claim_message(Connection& connection, SessionNumber session,
                                         MessageId id) {
  auto row = connection.query(
      "UPDATE outgoing_queue SET claimed_by = ?, claim = nextval('claim_number')"
      " WHERE message_id = ? AND claimed_by IS NULL RETURNING claim",
      session, id);
  return row.next() ? std::optional(row.integer(0)) : std::nullopt;
}

void release_claim(Connection& connection, ClaimNumber claim, MessageId id) {
  connection.run(
      "UPDATE outgoing_queue SET claimed_by = NULL, claim = NULL WHERE message_id = ?"
      " AND claim = ?",
      id, claim);
}

void release_all(Connection& connection, SessionNumber session) {
  connection.run("UPDATE outgoing_queue SET claimed_by = NULL, claim = NULL WHERE claimed_by = ?",
                 session);
  connection.run(
      "UPDATE outgoing_queue SET held_by = NULL,"
      " due = CASE WHEN due = ?2 THEN deferred_send_time ELSE due END WHERE held_by = ?1",
      session, due_without_end);
  disown_writer(connection, session);
}

std::optional<SessionNumber> claimed_by(Connection& connection, MessageId id) {
  auto row = connection.query("SELECT claimed_by FROM outgoing_queue WHERE message_id = ?", id);
  return row.next() ? row.optional_integer(0) : std::nullopt;
}

bool has_claim(Connection& connection, ClaimNumber claim, MessageId id) {
  return connection
      .query("SELECT 1 FROM outgoing_queue WHERE message_id = ? AND claim = ?", id, claim)
      .next();
}

bool keep_claim(Connection& connection, ClaimNumber claim, MessageId id) {
  return connection
      .query("SELECT 1 FROM outgoing_queue WHERE message_id = ? AND claim = ? FOR UPDATE", id,
             claim)
      .next();
}

bool dequeue_claimed(Connection& connection, ClaimNumber claim, MessageId id) {
  return connection.run_and_count("DELETE FROM outgoing_queue WHERE message_id = ? AND claim = ?",
                                  id, claim) != 0;
}

std::map<MessageId, SessionNumber> claims(Connection& connection, MessageId first, MessageId last) {
  return pairs_of(connection.query(
      "SELECT message_id, claimed_by FROM outgoing_queue WHERE claimed_by IS NOT NULL"
      " AND message_id BETWEEN ? AND ?",
      first, last));
}

std::map<MessageId, ClaimNumber> claims_of(Connection& connection, SessionNumber session) {
  return pairs_of(connection.query(
      "SELECT message_id, claim FROM outgoing_queue WHERE claimed_by = ?", session));
}

/// One look into an index for each: a database that expects many claims would read the whole queue
/// for all of them at once.
std::set<SessionNumber> claimants(Connection& connection) {
  constexpr std::array<std::string_view, 3> next_ones{
      "SELECT claimed_by FROM outgoing_queue WHERE claimed_by > ? ORDER BY claimed_by LIMIT 1",
      "SELECT held_by FROM outgoing_queue WHERE held_by > ? ORDER BY held_by LIMIT 1",
      "SELECT writer FROM content WHERE writer > ? ORDER BY writer LIMIT 1"};
  std::set<SessionNumber> found;
  for (const auto& next_one : next_ones) {
    std::optional<SessionNumber> last = 0;
    while (last) {
      auto row = connection.query(next_one, *last);
      last = row.next() ? std::optional(row.integer(0)) : std::nullopt;
      if (last) found.insert(*last);
    }
  }
  return found;
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
  return from_queue_time(row.integer(0));
}

}  // namespace postern::store
