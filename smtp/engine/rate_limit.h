// At most so many in a time: all of them at once if they like, then one by one as time passes
// (a token bucket). No clock.
#pragma once

#include <cstddef>

#include "base/clock.h"
#include "smtp/rate.h"

namespace postern::smtp {

class RateLimit {
 public:
  explicit RateLimit(const Rate& rate) : rate_(rate) {}

  /// From when on there is room for one more. Whatever takes more than one then is in debt, and the
  /// next one waits the longer.
  [[nodiscard]] SteadyTime next() const;
  void took(std::size_t amount, SteadyTime now);
  /// When everything that was taken will have come back.
  [[nodiscard]] SteadyTime full_at() const { return full_at_; }

 private:
  [[nodiscard]] bool bounded() const { return rate_.count > 0; }

  Rate rate_;
  SteadyTime full_at_{};
};

}  // namespace postern::smtp
