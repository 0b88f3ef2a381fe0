// Recipient rows that are not lists, made such that a transport can read them: one-off entry ids,
// texts and SMTP addresses of other rows become PR_ADDRTYPE and PR_EMAIL_ADDRESS
// (mapi-submission.md §§3.2, 11).
#pragma once

#include <string>
#include <vector>

#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// Resolves one row, from the first of these that names an address:
///   * PR_ADDRTYPE and PR_EMAIL_ADDRESS; what of them is missing, a one-off entry id fills in;
///   * without a type (or with "UNKNOWN"): a text as parse_one_off_text reads it, PR_SMTP_ADDRESS;
///   * a row of one of the `directory_types` (EX): PR_SMTP_ADDRESS, or a one-off entry id of the
///     type SMTP. It becomes an SMTP row (a "custom recipient").
/// Then restores a display name that was altered (PR_ORIGINAL_DISPLAY_NAME, or the one-off's),
/// makes PR_ENTRYID and PR_SEARCH_KEY agree with the address, and sets PR_SEND_RICH_INFO, unless
/// the row has it, as a one-off entry id says; to an Internet address there is no rich information.
/// A row that names no address stays as it is. Returns a sentence if entry id and address name
/// different parties: the message goes to PR_ADDRTYPE and PR_EMAIL_ADDRESS. Throws nothing but
/// std::bad_alloc.
std::string resolve_recipient(mapi::Recipient& row,
                              const std::vector<std::string>& directory_types);

}  // namespace postern::session
#pragma GCC visibility pop
