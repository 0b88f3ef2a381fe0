// What becomes of a message that came in (mapi-submission.md §8.5). A report about a message of the
// store becomes the report object that it stands for, beside that message, whose recipient rows
// say from then on what it says; everything else is kept as it came. What came before is known.
//
// Whoever brings mail in, a transport or a program that is fed, has it decided and stored here.
#pragma once

#include <optional>

#include "mapi/inbound_message.h"
#include "mapi/msg_store.h"
#include "session/report.h"
#include "session/returned_report.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// What is to be done with a message that came in.
struct InboundDecision {
  std::optional<mapi::EntryId> known{};  ///< the same was stored before as this; nothing is to do
  std::optional<SubmissionMatch> original{};  ///< the message that the report is about
  /// What is to be stored, or was: the report, where there is an original; else the mail.
  mapi::Message message{};
};

/// `fallback`: who reports where the mail names no host. Throws what the look-up throws.
InboundDecision decide_inbound(const mapi::InboundMessage& inbound, const SubmissionLookup& lookup,
                               const Reporter& fallback, mapi::FileTime now);

/// In one durable step; `decision` is not `known`. Throws what the store throws; then nothing has
/// changed.
mapi::NewMail store_inbound(mapi::MsgStore& store, InboundDecision decision,
                            const mapi::ReturnedReport& returned, mapi::FileTime now);

/// Looks up in this store.
SubmissionLookup lookup_in(mapi::MsgStore& store);

}  // namespace postern::session
#pragma GCC visibility pop
