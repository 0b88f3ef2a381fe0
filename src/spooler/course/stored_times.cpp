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

bool is_held_too_long(const mapi::OutgoingQueueRow& row, std::chrono::milliseconds longest,
                      mapi::FileTime now) {
  if (row.on_hold || row.held_without_end || !row.next_attempt) return false;
  if (row.deferred_send_time && *row.deferred_send_time > now) return false;
  return *row.next_attempt > now + longest;
}

}  // namespace postern::spooler
