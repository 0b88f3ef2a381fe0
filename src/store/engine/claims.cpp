#include "store/engine/claims.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern::store {

std::vector<DueRow> claimable(std::vector<DueRow> ready, std::vector<DueRow> overdue,
                              std::size_t limit) {
  const auto first =
      std::min(overdue.size(), std::max(limit / 2, limit - std::min(limit, ready.size())));
  overdue.resize(first);
  std::ranges::move(ready, std::back_inserter(overdue));
  return overdue;
}

std::vector<DueRow> take_claims(const std::vector<DueRow>& rows, std::size_t limit,
                                const std::function<std::optional<DueRow>(const DueRow&)>& take) {
  std::vector<DueRow> claims;
  for (const auto& row : rows) {
    if (claims.size() == limit) break;
    try {
      if (auto claimed = take(row)) claims.push_back(*claimed);
    } catch (const mapi::Failure&) {
      if (claims.empty()) throw;
      break;
    }
  }
  return claims;
}

}  // namespace postern::store
