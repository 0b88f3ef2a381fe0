#include "spooler/retry_schedule.h"

#include <algorithm>

#include "mapi/property_tags.h"

namespace postern::spooler {

std::chrono::milliseconds RetrySchedule::interval(int retries) const {
  const auto last = intervals.size() - 1;
  return intervals[std::min(static_cast<std::size_t>(std::max(retries, 0)), last)];
}

mapi::FileTime RetrySchedule::deadline(const mapi::Message& message) const {
  const auto latest = message.get(mapi::PR_LATEST_DELIVERY_TIME);
  if (latest && !latest->is_none()) return *latest;
  return message.get_or(mapi::PR_CLIENT_SUBMIT_TIME, mapi::FileTime::now()) + give_up_after;
}

}  // namespace postern::spooler
