// Which recipient rows are about the same party (mapi-submission.md §§3.2, 10, 11). Functions of
// values: they throw nothing but std::bad_alloc.
#pragma once

#include <vector>

#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// Whether the row is of the envelope only (MAPI_P1), whatever its flags.
bool is_p1(const mapi::Recipient& row);

/// Whether the row is a personal distribution list (ADDRTYPE MAPIPDL, or an entry id that names
/// one). Such rows are expanded by ExpandRecips; no transport gets one.
bool is_personal_list(const mapi::Recipient& row);

/// What rows about the same party have in common: of an SMTP address what mapi::mailbox_key() says,
/// of another one the search key that belongs to it (§11), whatever PR_SEARCH_KEY says; of a
/// personal list its object; PR_SEARCH_KEY if there is neither. Empty: the row names nobody, and is
/// like no other.
mapi::Binary identity(const mapi::Recipient& row);

/// Of rows with one identity keeps the most public one: To before Cc before Bcc. P1 rows are
/// compared among themselves, since a resend has both on purpose. Returns the other ones.
std::vector<mapi::Recipient> remove_duplicates(std::vector<mapi::Recipient>& rows);

}  // namespace postern::session
#pragma GCC visibility pop
