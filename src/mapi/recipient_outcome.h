// The outcome of one delivery attempt for one recipient, as stored in the recipient row.
//
// One type (base/outcome.h) is used from the socket to the report: the SMTP engine makes it, the
// transport writes it into the row with `set_outcome`, the spooler makes reports from it and the
// program shows it. Only PR_RESPONSIBILITY says which recipients are done (§6). The functions throw
// nothing but std::bad_alloc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/outcome.h"
#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// The columns of an outcome, made once for all the rows that get it: ten thousand recipients of
/// one transaction share the values.
class OutcomeColumns {
 public:
  explicit OutcomeColumns(const Outcome& outcome);

  /// Writes the outcome into the row and counts the attempt, if it was one. For `delivered` and
  /// `failed` it also sets the columns of a report row (§8.1). Changes neither PR_RESPONSIBILITY
  /// nor, but for the first `unknown`, what possible_arrival says.
  void write(Recipient& recipient) const;

 private:
  PropertyBag columns_;
  bool attempted_;
};

/// That a message may have arrived at a server whose reply was lost: no outcome that comes later
/// makes it untrue.
struct PossibleArrival {
  FileTime time;
  std::string host;
};
std::optional<PossibleArrival> possible_arrival(const Recipient& recipient);

/// Writes one outcome into one row.
void set_outcome(Recipient& recipient, const Outcome& outcome);

/// What `set_outcome` wrote last; nullopt for a row that was never tried.
std::optional<Outcome> outcome(const Recipient& recipient);

/// The number of attempts for the row.
int attempts(const Recipient& recipient);

/// Removes everything `set_outcome` wrote, for a new submission.
void clear_outcome(Recipient& recipient);

/// PR_SUPPLEMENTARY_INFO: `<remote-mta #status diagnostic>` ([MS-OXCMAIL]; mapi-submission.md
/// §8.1).
std::string supplementary_info(const Outcome& outcome);

/// PR_NDR_REASON_CODE, PR_NDR_DIAG_CODE and PR_NDR_STATUS_CODE for an enhanced status
/// (mapi-submission.md §14).
struct NdrCodes {
  std::int32_t reason = 0;
  std::int32_t diagnostic = -1;
  std::int32_t status = 0;
};
/// The codes for an enhanced status.
NdrCodes ndr_codes(const EnhancedStatus& status);

}  // namespace postern::mapi
#pragma GCC visibility pop
