#include "spooler/course/exhaustion.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace postern::spooler {

bool ExhaustionBackoff::on_exhausted(mapi::Code lack, mapi::FileTime now) {
  constexpr int max_doublings = 20;
  if (!paused_until(now)) {
    until_ =
        now + std::min(first_ * (std::int64_t{1} << std::min(times_, max_doublings)), longest_);
    ++times_;
  }
  const auto [told, is_first] = told_.emplace(lack, now);
  if (!is_first && now < told->second + repeat_interval) return false;
  told->second = now;
  is_told_ = true;
  return true;
}

std::optional<mapi::FileTime> ExhaustionBackoff::paused_until(mapi::FileTime now) const {
  // A clock that was set back must not make a pause longer.
  if (now >= until_ || until_ > now + longest_) return std::nullopt;
  return until_;
}

void ExhaustionBackoff::end_pause() {
  until_ = {};
  times_ = 0;
}

bool ExhaustionBackoff::recovered() {
  times_ = 0;
  return std::exchange(is_told_, false);
}

}  // namespace postern::spooler
