#include "spooler/course/stored_times.h"

#include <algorithm>

namespace postern::spooler {

std::chrono::milliseconds longest_hold(const RetrySchedule& retry,
                                       std::chrono::milliseconds suspension) {
  constexpr std::chrono::minutes longest_pause{5};  // of a route, which the transport paces
  const auto longest = *std::max_element(retry.intervals.begin(), retry.intervals.end());
  return std::max({longest, suspension, std::chrono::milliseconds{longest_pause}}) +
         std::chrono::minutes{1};
}

}  // namespace postern::spooler
