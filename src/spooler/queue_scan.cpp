#include "spooler/queue_scan.h"

#include <algorithm>

namespace postern::spooler {
namespace {

constexpr std::size_t page_size = 500;

/// The later of the two times a row may be held for; the epoch when there is none.
QueueScan::Time held_until(const mapi::OutgoingQueueRow& row, bool whatever_the_next_attempt) {
  QueueScan::Time until{};
  if (row.deferred_send_time && !row.deferred_send_time->is_none()) {
    until = row.deferred_send_time->time_point();
  }
  if (row.next_attempt && !whatever_the_next_attempt) {
    until = std::max(until, row.next_attempt->time_point());
  }
  return until;
}

}  // namespace

std::optional<mapi::EntryId> QueueScan::take(Time now) {
  if (!held_.empty() && held_.begin()->first <= now) {
    auto entry = std::move(held_.begin()->second);
    held_.erase(held_.begin());
    return entry;
  }
  if (ready_.empty()) read_page(now);
  if (ready_.empty()) return std::nullopt;
  auto entry = std::move(ready_.front());
  ready_.pop_front();
  return entry;
}

void QueueScan::flush() {
  for (const auto& [time, entry] : held_) known_.erase(entry);
  held_.clear();
  last_seen_.reset();
  flushing_ = true;
}

std::optional<QueueScan::Time> QueueScan::next_due() const {
  if (held_.empty()) return std::nullopt;
  return held_.begin()->first;
}

void QueueScan::read_page(Time now) {
  while (ready_.empty()) {
    const auto rows = store_.outgoing_queue(last_seen_, page_size);
    if (rows.empty()) {
      flushing_ = false;
      return;
    }
    for (const auto& row : rows) {
      if (!known_.insert(row.entry_id).second) continue;
      const auto until = held_until(row, flushing_);
      if (until > now) {
        held_.emplace(until, row.entry_id);
      } else {
        ready_.push_back(row.entry_id);
      }
    }
    last_seen_ = {rows.back().client_submit_time, rows.back().sequence};
  }
}

}  // namespace postern::spooler
