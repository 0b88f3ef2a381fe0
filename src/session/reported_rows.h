// What a transport reported about recipients, brought into the message's rows (mapi-submission.md
// §8.1). Functions of values: they throw nothing but std::bad_alloc.
#pragma once

#include <vector>

#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// Copies the report columns of each reported row into the row it is about, found by PR_ROWID, else
/// PR_SEARCH_KEY, else PR_ADDRTYPE and PR_EMAIL_ADDRESS; of rows reported twice, and those that
/// have a report already, the first report stays. Returns whether anything was changed.
bool merge_reported_rows(mapi::Message& message, const std::vector<mapi::Recipient>& reported);

/// As well, with the outcome if the reported row has one, and sets PR_RESPONSIBILITY of those rows:
/// nobody else will.
bool settle_reported_rows(mapi::Message& message, const std::vector<mapi::Recipient>& reported);

}  // namespace postern::session
#pragma GCC visibility pop
