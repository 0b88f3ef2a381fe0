// A token bucket: `Rate::count` events at once, then one by one as time passes. No clock.
#pragma once

#include <cstddef>

#include "base/clock.h"
#include "smtp/rate.h"

namespace postern::smtp {

class RateLimit {
 public:
  explicit RateLimit(const Rate& rate) : rate_(rate) {}

  /// When one more event is allowed. If more than one is taken then, the next one waits for all of
  /// them.
  [[nodiscard]] SteadyTime next() const;
  void took(std::size_t amount, SteadyTime now);
  /// When the bucket is full again.
  [[nodiscard]] SteadyTime full_at() const { return full_at_; }

 private:
  [[nodiscard]] bool bounded() const { return rate_.count > 0; }

  Rate rate_;
  SteadyTime full_at_{};
};

}  // namespace postern::smtp
