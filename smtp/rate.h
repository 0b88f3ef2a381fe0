// A rate limit: so many events in a period.
#pragma once

#include <chrono>
#include <cstddef>

#pragma GCC visibility push(default)
namespace postern::smtp {

struct Rate {
  std::size_t count = 0;  ///< 0: no limit
  std::chrono::milliseconds per{60'000};
};

}  // namespace postern::smtp
#pragma GCC visibility pop
