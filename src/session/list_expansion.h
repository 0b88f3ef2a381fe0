// Personal distribution lists among the recipients, replaced by their members
// (mapi-submission.md §3.2, §11).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::session {

/// What a recipient row stands for: the members of a personal distribution list, as rows, which may
/// be lists again; of a contact one row with its address. Nullopt: it is not known. Asked about
/// rows that are lists, and those without an address. May be called from several threads
/// at once; what it throws ends the submission.
using RecipientResolver =
    std::function<std::optional<std::vector<mapi::Recipient>>(const mapi::Recipient& row)>;

/// The bounds of an expansion.
struct ExpansionBounds {
  int depth = 32;                    ///< lists within lists
  std::size_t recipients = 250'000;  ///< rows after the expansion
};

/// Replaces each list by its members, and theirs if they are lists, in its place. A member gets the
/// list's recipient type and, if it says nothing itself, its report requests;
/// PR_ORIGINAL_DISPLAY_NAME, _ENTRYID and _SEARCH_KEY name the list that the sender wrote. A list
/// that is met again, even within itself, adds nothing more. A list that is not known, or has
/// nobody in it, stays as a row. Throws mapi::Failure(MAPI_E_TOO_COMPLEX) beyond the bounds.
std::vector<mapi::Recipient> expand_lists(std::vector<mapi::Recipient> rows,
                                          const RecipientResolver& resolver,
                                          const ExpansionBounds& bounds = {});

}  // namespace postern::session
#pragma GCC visibility pop
