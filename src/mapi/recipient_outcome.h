// The outcome of one delivery attempt for one recipient, as it is kept in the recipient row.
//
// One typed outcome (base/outcome.h) travels unbroken from the socket to the report: the SMTP
// engine makes it, the transport writes it into the row with `set_outcome`, the spooler builds
// reports from it and the program shows it. PR_RESPONSIBILITY stays the only statement about who is
// done (§6).
#pragma once

#include <cstdint>
#include <optional>

#include "base/outcome.h"
#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// Writes the outcome into the row and counts the attempt, if it was one. For `delivered` and
/// `failed` the columns of a report row (§8.1) are set as well. Does not touch PR_RESPONSIBILITY.
void set_outcome(Recipient& recipient, const Outcome& outcome);

/// What `set_outcome` wrote last; nothing for a row that was never tried.
std::optional<Outcome> outcome(const Recipient& recipient);

/// How often something was tried for the row.
int attempts(const Recipient& recipient);

/// Removes everything `set_outcome` wrote (a new submission starts afresh).
void clear_outcome(Recipient& recipient);

/// PR_NDR_REASON_CODE, PR_NDR_DIAG_CODE and PR_NDR_STATUS_CODE for an enhanced status
/// (mapi-submission.md §14).
struct NdrCodes {
  std::int32_t reason = 0;
  std::int32_t diagnostic = -1;
  std::int32_t status = 0;
};
NdrCodes ndr_codes(const EnhancedStatus& status);

}  // namespace postern::mapi
#pragma GCC visibility pop
