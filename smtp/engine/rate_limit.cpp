#include "smtp/engine/rate_limit.h"

#include <algorithm>

namespace postern::smtp {
namespace {

/// A century: longer than anybody waits, and two of them are no overflow.
constexpr std::chrono::hours longest{24 * 36'525};

SteadyTime::duration time_of(const Rate& rate, std::size_t amount) {
  const std::chrono::duration<double> per = rate.per;
  const auto time = per * static_cast<double>(amount) / static_cast<double>(rate.count);
  return std::chrono::duration_cast<SteadyTime::duration>(
      std::min<std::chrono::duration<double>>(time, longest));
}

}  // namespace

SteadyTime RateLimit::next() const {
  if (!bounded()) return SteadyTime::min();
  return full_at_ - (time_of(rate_, rate_.count) - time_of(rate_, 1));
}

void RateLimit::took(std::size_t amount, SteadyTime now) {
  if (!bounded()) return;
  full_at_ = std::min(std::max(full_at_, now) + time_of(rate_, amount), now + longest);
}

}  // namespace postern::smtp
