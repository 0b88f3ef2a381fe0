#include "spooler/exhaustion.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace postern::spooler {

ExhaustionBackoff::Backoff ExhaustionBackoff::on_exhausted(Session& session, mapi::Code lack,
                                                           Time now) {
  constexpr int max_doublings = 20;
  Backoff rest;
  rest.pause =
      std::min(first_ * (std::int64_t{1} << std::min(session.times, max_doublings)), longest_);
  if (session.times++ == 0) ++sessions_;
  const auto [told, is_first] = told_.emplace(lack, now);
  rest.is_news = is_first || now - told->second >= repeat_interval;
  if (!rest.is_news) return rest;
  told->second = now;
  is_told_ = true;
  return rest;
}

bool ExhaustionBackoff::recovered(Session& session) {
  if (std::exchange(session.times, 0) == 0) return false;
  if (--sessions_ > 0) return false;
  return std::exchange(is_told_, false);
}

}  // namespace postern::spooler
