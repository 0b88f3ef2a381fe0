// What IMsgStore::StoreLogoff answers (mapi-submission.md §3.11).
#pragma once

#include "mapi/msg_store.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// `sending`: a message of the store is locked; `queued`: the outgoing queue is not empty. What is
/// in progress keeps only those waiting that ask for it (abort, quiet); the spooler has done for
/// the others what they ask before.
mapi::LogoffResult logoff(mapi::Logoff how, bool sending, bool queued);

}  // namespace postern::session
#pragma GCC visibility pop
