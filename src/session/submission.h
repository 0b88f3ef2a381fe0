// What submission does to a message, as a change of its value (mapi-submission.md §3.2, §3.9).
//
// It is the same for every store: whoever writes another one calls this and keeps to its own
// tables.
#pragma once

#include "mapi/file_time.h"
#include "mapi/message.h"
#include "mapi/support.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// What every save computes: PR_DISPLAY_TO/CC/BCC, PR_HASATTACH, a unique PR_ROWID for every
/// recipient, PR_SEARCH_KEY if it is absent.
void set_computed_properties(mapi::Message& message);

/// PR_MESSAGE_FLAGS of a message that is created: as given, but never MSGFLAG_SUBMIT;
/// MSGFLAG_UNSENT if none are given.
std::int32_t new_message_flags(const mapi::Message& message);

/// PR_MESSAGE_FLAGS of a message that is saved: the flags that only submission changes stay.
std::int32_t saved_message_flags(std::int32_t stored, const mapi::Message& message);

/// Steps A0 and A2-A8 of the first pass: afterwards `message` is as it is to be queued. Returns the
/// submit flags of its queue row. Throws what the support throws, MAPI_E_NO_RECIPIENTS,
/// MAPI_E_NO_ACCESS (associated messages), MAPI_E_INVALID_PARAMETER (PR_DEFERRED_SEND_NUMBER).
std::int32_t prepare_submission(mapi::Message& message, mapi::StoreSupport& support,
                                mapi::FileTime now);

/// The client has removed the message from the queue, where it had these flags. In a message that
/// is being resent, recipients that have it by now are marked so, and the next submission leaves
/// them out. What preprocessors have changed stays, and PR_PREPROCESS says so: the next submission
/// has it done anew.
void undo_submission(mapi::Message& message, std::int32_t submit_flags);

/// The message was sent: removes what only the queue and the envelope needed.
void finish_submission(mapi::Message& message);

}  // namespace postern::session
#pragma GCC visibility pop
