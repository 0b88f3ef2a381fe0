#include "spooler/course/queue_schedule.h"

#include <algorithm>

namespace postern::spooler {
namespace {

std::optional<mapi::FileTime> earlier(std::optional<mapi::FileTime> one,
                                      std::optional<mapi::FileTime> other) {
  return one && other ? std::min(one, other) : one ? one : other;
}

}  // namespace

bool QueueSchedule::is_due(mapi::FileTime now) const {
  if (seen_ != change_) return true;
  if (next_due_ && *next_due_ <= now) return true;
  // A clock that was set back must not put the next look far off.
  return now < last_look_ || now >= last_look_ + rescan_interval;
}

std::optional<QueueSchedule::Look> QueueSchedule::begin_look(mapi::FileTime now,
                                                             std::size_t in_flight) {
  if (looking_ || !has_room(in_flight) || !is_due(now)) return std::nullopt;
  looking_ = true;
  held_meanwhile_.reset();
  return Look{std::min(max_in_flight_ - in_flight, largest_claim), change_};
}

bool QueueSchedule::has_room(std::size_t in_flight) const {
  const auto enough = std::max<std::size_t>(std::min(max_in_flight_ / 4, largest_claim), 1);
  return in_flight + enough <= max_in_flight_;
}

void QueueSchedule::end_look(const Look& look, std::size_t count,
                             std::optional<mapi::FileTime> next_due, mapi::FileTime now) {
  looking_ = false;
  last_look_ = now;
  if (count == look.limit) {  // there may be more
    ++change_;
    return;
  }
  seen_ = look.change;
  next_due_ = earlier(next_due, held_meanwhile_);
}

void QueueSchedule::held(mapi::FileTime until) {
  next_due_ = earlier(next_due_, until);
  if (looking_) held_meanwhile_ = earlier(held_meanwhile_, until);
}

mapi::FileTime QueueSchedule::next_look(mapi::FileTime now) const {
  if (looking_) return now + rescan_interval;  // its end decides
  if (is_due(now)) return now;
  const auto rescan = last_look_ + rescan_interval;
  return next_due_ ? std::min(*next_due_, rescan) : rescan;
}

}  // namespace postern::spooler
