// What submission does to a message, as a change of its value (mapi-submission.md §3.2, §3.9).
//
// The same for every store: the tables are the store's own business.
#pragma once

#include "mapi/file_time.h"
#include "mapi/message.h"
#include "mapi/support.h"

namespace postern::store {

/// What every save computes: PR_DISPLAY_TO/CC/BCC, PR_HASATTACH, a PR_ROWID for every recipient
/// that no other one has, PR_SEARCH_KEY where it is absent.
void set_computed_properties(mapi::Message& message);

/// PR_MESSAGE_FLAGS of a message that is created: as given, but never submitted; UNSENT where
/// nothing is given.
std::int32_t new_message_flags(const mapi::Message& message);

/// PR_MESSAGE_FLAGS of a message that is saved: what only submission changes stays as it is.
std::int32_t saved_message_flags(std::int32_t stored, const mapi::Message& message);

/// Steps A0 and A2-A8 of the first pass: afterwards `message` is as it is to be queued. Returns the
/// submit flags of its queue row. Throws what the support throws, MAPI_E_NO_RECIPIENTS,
/// MAPI_E_NO_ACCESS (associated messages), MAPI_E_INVALID_PARAMETER (PR_DEFERRED_SEND_NUMBER).
std::int32_t prepare_submission(mapi::Message& message, mapi::StoreSupport& support,
                                mapi::FileTime now);

/// The message is taken out of the queue again by its client. Of a message that is being resent,
/// those who have it by now are marked as having it, so that the next submission spares them.
void undo_submission(mapi::Message& message);

/// The message was sent: drops what only the queue and the envelope needed.
void finish_submission(mapi::Message& message);

}  // namespace postern::store
