// Which of the messages that are due a spooler takes.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "store/table/queue_table.h"

namespace postern::store {

/// At most `limit` rows to be tried one after the other: half of them those that were held, if
/// there are enough of both, so that neither an outage that is over nor new mail keeps the others
/// waiting. More than `limit` follow, for those that somebody else has.
std::vector<DueRow> claimable(std::vector<DueRow> ready, std::vector<DueRow> overdue,
                              std::size_t limit);

/// What `take` gives for the rows, at most `limit`. Its failure ends them, and is thrown if there
/// are none yet: what is locked must be known to who locked it, and the next call will fail as
/// well.
std::vector<DueRow> take_claims(const std::vector<DueRow>& rows, std::size_t limit,
                                const std::function<std::optional<DueRow>(const DueRow&)>& take);

}  // namespace postern::store
