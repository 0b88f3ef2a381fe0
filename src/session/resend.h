// Resending a message to those whom it has not reached (mapi-submission.md §10).
//
// The message that is resent shows its readers the recipients of the original: who is served or
// only shown has a row with MAPI_SUBMITTED or beside a P1 row, whoever is to get it has a P1 row,
// which is of the envelope only.
//
// Functions of values; but for prepare_resend they throw nothing but std::bad_alloc.
#pragma once

#include <optional>
#include <vector>

#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// A message, and the recipients it has not reached.
struct Undelivered {
  mapi::Message original;
  std::vector<mapi::Recipient> failed;
};

/// What a non-delivery report is about (its enclosed original and its rows), or a message whose
/// recipients have failed. Nullopt: it is neither, or the report encloses no original.
std::optional<Undelivered> undelivered(const mapi::Message& message);

/// A message to be submitted that reaches the failed recipients, or, if there are any, those in
/// `instead`: an envelope of their own, the recipients that are shown stay. Everything of the
/// original is in it but its recipients' outcomes, its sender (to be set by whoever resends it),
/// what it was identified and deferred by, and the state of its submission. PR_ORIGINAL_ENTRYID is
/// the original's PR_ENTRYID.
mapi::Message resend(const Undelivered& undelivered,
                     const std::vector<mapi::Recipient>& instead = {});

/// PrepareSubmit of a message with MSGFLAG_RESEND. Throws mapi::Failure, and then changes nothing:
/// MAPI_E_NON_STANDARD (MAPI_P1 with MAPI_SUBMITTED, or an unknown recipient type),
/// MAPI_E_NO_RECIPIENTS (everybody has it already).
void prepare_resend(mapi::Message& message);

/// The resend was taken out of the queue: whoever has it by now is marked so, and the next
/// submission leaves them out. A recipient that failed is tried again.
void undo_resend(mapi::Message& message);

/// The resend is done: removes the P1 rows, and shows what became of them in the rows of the same
/// recipients.
void finish_resend(mapi::Message& message);

}  // namespace postern::session
#pragma GCC visibility pop
