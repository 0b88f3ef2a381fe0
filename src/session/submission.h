// What submission does to a message, as a change of its value (mapi-submission.md §3.2, §3.9).
//
// It is the same for every store: whoever writes another one calls this and keeps to its own
// tables.
#pragma once

#include <cstdint>
#include <vector>

#include "mapi/file_time.h"
#include "mapi/message.h"
#include "mapi/support.h"
#include "session/own_delivery.h"

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

/// What a pass of SubmitMessage asks of the store, all in the commit that saves the message.
struct Submission {
  std::int32_t submit_flags = 0;        ///< of its row in the queue
  std::vector<OwnDelivery> deliveries;  ///< to create in mailboxes of a coupled store
};

/// Steps A0 and A2-A9 of the first pass: afterwards `message` is as it is to be queued, with an
/// envelope id of its own, by which late reports find it (§8.5), and a Message-ID if it has none.
/// `own`: of a coupled store. Throws what the support throws, MAPI_E_NO_RECIPIENTS,
/// MAPI_E_NO_ACCESS (associated messages), MAPI_E_INVALID_PARAMETER (PR_DEFERRED_SEND_NUMBER).
Submission prepare_submission(mapi::Message& message, mapi::StoreSupport& support,
                              mapi::FileTime now, const mapi::OwnRecipients* own = nullptr);

/// The second pass (§3.5): the message goes on as if it had needed no preprocessing.
Submission resume_submission(mapi::Message& message, mapi::FileTime now,
                             const mapi::OwnRecipients* own = nullptr);

/// The client has removed the message from the queue, where it had these flags. In a message that
/// is being resent, recipients that have it by now are marked so, and the next submission leaves
/// them out. What preprocessors have changed stays, and PR_PREPROCESS says so: the next submission
/// has it done anew.
void undo_submission(mapi::Message& message, std::int32_t submit_flags);

/// The message was sent: removes what only the queue and the envelope needed.
void finish_submission(mapi::Message& message);

}  // namespace postern::session
#pragma GCC visibility pop
