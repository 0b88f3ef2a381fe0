// Claims in the outgoing queue of a database that several spoolers share: the column `claimed_by`
// has the number of the session whose spooler has the message locked, `claim` one that no other
// claim ever has, and `held_by` the number of the session which holds it without end
// (postgresql/session.h).
//
// A claim is void once its session is no more. A spooler that has lost its claim finds another
// number, or none, where its own was, even if it has the message again.
//
// `claim_ready` and `claim_overdue` are transactions by themselves; every other function runs
// within the caller's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "store/table/queue_table.h"

namespace postern::store {

using SessionNumber = std::int64_t;
using ClaimNumber = std::int64_t;

struct ClaimedRow {
  DueRow row;
  ClaimNumber claim = 0;
};

/// Claims the first messages, at most `limit`, that wait for nothing and nobody has claimed, and
/// returns them in sending order. Those that another spooler is claiming right now are passed over.
std::vector<ClaimedRow> claim_ready(Connection& connection, SessionNumber session,
                                    std::size_t limit);
/// The same of those that were held and are due by `now`; the longest due first.
std::vector<ClaimedRow> claim_overdue(Connection& connection, SessionNumber session,
                                      mapi::FileTime now, std::size_t limit);
/// Claims this one. Nullopt if it is not queued, or somebody has it.
std::optional<ClaimNumber> claim_message(Connection& connection, SessionNumber session,
                                         MessageId id);
/// Ends the claim, if it is still there.
void release_claim(Connection& connection, ClaimNumber claim, MessageId id);
/// Ends all claims and holds of the session; content that it was writing is garbage.
void release_all(Connection& connection, SessionNumber session);

/// Whose it is; nullopt if nobody has claimed it.
std::optional<SessionNumber> claimed_by(Connection& connection, MessageId id);
/// Whether the claim is still there.
bool has_claim(Connection& connection, ClaimNumber claim, MessageId id);
/// The same, and the row stays as it is until the transaction ends.
bool keep_claim(Connection& connection, ClaimNumber claim, MessageId id);
/// Takes the message out of the queue, if the claim is still there. Returns whether it was.
bool dequeue_claimed(Connection& connection, ClaimNumber claim, MessageId id);
/// What is claimed of the messages from `first` to `last`, by whom.
std::map<MessageId, SessionNumber> claims(Connection& connection, MessageId first, MessageId last);
/// The messages that the session has claimed, with the numbers of the claims.
std::map<MessageId, ClaimNumber> claims_of(Connection& connection, SessionNumber session);
/// The sessions that have claims or holds, or are writing content.
std::set<SessionNumber> claimants(Connection& connection);
/// Removes what executors of processes that were killed have left (postgresql/batch_executor.h).
void remove_old_marks(Connection& connection);
/// Notes whose hold without end it is.
void set_holder(Connection& connection, SessionNumber session, MessageId id);

/// When the next message is due that nobody has claimed.
std::optional<mapi::FileTime> next_unclaimed_due(Connection& connection);

}  // namespace postern::store
