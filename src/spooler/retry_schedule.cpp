#include "spooler/retry_schedule.h"

#include <algorithm>

#include "mapi/property_tags.h"

namespace postern::spooler {

std::chrono::milliseconds RetrySchedule::interval(int retries) const {
  const auto last = intervals.size() - 1;
  return intervals[std::min(static_cast<std::size_t>(std::max(retries, 0)), last)];
}

mapi::FileTime RetrySchedule::give_up_time(const mapi::Message& message, bool trouble,
                                           mapi::FileTime now) const {
  const auto submitted = message.get_or(mapi::PR_CLIENT_SUBMIT_TIME, now);
  const auto first = message.get_or(mapi::PR_POSTERN_FIRST_ATTEMPT, trouble ? submitted : now);
  return std::min(first, now) + give_up_after;  // no attempt was made in the future
}

std::optional<mapi::FileTime> RetrySchedule::delay_warning_time(
    const mapi::Message& message) const {
  const auto first = message.get(mapi::PR_POSTERN_FIRST_ATTEMPT);
  if (!first || delay_warning.count() == 0) return std::nullopt;
  return *first + delay_warning;
}

std::optional<mapi::FileTime> latest_delivery_time(const mapi::Message& message) {
  const auto latest = message.get(mapi::PR_LATEST_DELIVERY_TIME);
  return latest && !latest->is_none() ? latest : std::nullopt;
}

}  // namespace postern::spooler
