// Assigns a message's open recipients to the transports (mapi-submission.md §7). Functions of
// values: they throw nothing but std::bad_alloc.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mapi/message.h"

namespace postern::spooler {

/// The address types each transport accepts, in transport order.
using TransportTypes = std::vector<std::vector<std::string>>;

/// The first transport from `first` on that accepts the row: by its address type, or, if none
/// accepts that, as an SMTP recipient if it has an SMTP address (an Exchange recipient with
/// PR_SMTP_ADDRESS). Returns nullopt if there is none.
std::optional<std::size_t> find_transport(const mapi::Recipient& row, const TransportTypes& types,
                                          std::size_t first);

/// The rows that are still open: PR_RESPONSIBILITY is not TRUE.
std::vector<std::size_t> open_rows(const mapi::Message& message);

/// Settles a row that no transport accepts (§7.4): a failed outcome with the reason of that table.
void settle_untransportable(mapi::Recipient& row);

}  // namespace postern::spooler
