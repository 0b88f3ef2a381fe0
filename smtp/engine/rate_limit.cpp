#include "smtp/engine/rate_limit.h"

#include <algorithm>

namespace postern::smtp {
namespace {

SteadyTime::duration time_of(const Rate& rate, std::size_t amount) {
  const std::chrono::duration<double> per = rate.per;
  return std::chrono::duration_cast<SteadyTime::duration>(per * static_cast<double>(amount) /
                                                          static_cast<double>(rate.count));
}

}  // namespace

SteadyTime RateLimit::next() const {
  if (!bounded()) return SteadyTime::min();
  return full_at_ - (rate_.per - time_of(rate_, 1));
}

void RateLimit::took(std::size_t amount, SteadyTime now) {
  if (bounded()) full_at_ = std::max(full_at_, now) + time_of(rate_, amount);
}

}  // namespace postern::smtp
