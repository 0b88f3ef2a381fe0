// Preprocessing of an outgoing message and its undoing (mapi-submission.md §3.4). Functions of
// values; what a preprocessor throws passes through, and then the message is as it was.
#pragma once

#include <vector>

#include "mapi/message.h"
#include "mapi/preprocessor.h"
#include "session/assignment.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// The preprocessors that each transport has registered, by its index, in their order.
using Preprocessors = std::vector<std::vector<mapi::Preprocessor>>;

/// The sender wants it signed or encrypted (PR_SECURITY_FLAGS), which it is not yet.
bool is_to_be_secured(const mapi::Message& message);

/// A message that was queued without SUBMITFLAG_PREPROCESS, because its submitter knew nothing of
/// the transports, and that cannot be sent as it is: a preprocessor is for it and has not seen it,
/// or it is to be secured.
bool needs_preprocessing(const mapi::Message& message, const TransportOrder& transports,
                         const Preprocessors& registered);

/// Calls those that are for the message and of a transport that would get one of its open rows, in
/// order of registration, after what a run before may have left was removed. Afterwards
/// PR_PREPROCESS is TRUE. If there is none, a message that is to be secured is refused (5.7.4):
/// nothing of it may leave in the clear; for another one with PR_PREPROCESS it throws
/// mapi::Failure(MAPI_E_UNCONFIGURED), and any other needs none.
mapi::PreprocessResult preprocess(mapi::Message& message, const TransportOrder& transports,
                                  const Preprocessors& registered);

/// Calls RemovePreprocessInfo of all if PR_PREPROCESS is TRUE, and removes that. Returns whether it
/// was.
bool remove_preprocess_info(mapi::Message& message, const Preprocessors& registered);

}  // namespace postern::session
#pragma GCC visibility pop
