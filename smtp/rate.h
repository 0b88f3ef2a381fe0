// A bound on how much may happen in a time.
#pragma once

#include <chrono>
#include <cstddef>

#pragma GCC visibility push(default)
namespace postern::smtp {

struct Rate {
  std::size_t count = 0;  ///< 0: no bound
  std::chrono::milliseconds per{60'000};
};

}  // namespace postern::smtp
#pragma GCC visibility pop
