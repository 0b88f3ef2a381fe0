#include "spooler/course/waiting_room.h"

namespace postern::spooler {

bool WaitingRoom::wait(const mapi::EntryId& entry, Number number, const Destination& destination,
                       std::optional<mapi::FileTime> until) {
  if (early_.erase(destination) > 0) return false;
  take(entry);
  places_[entry] = {number, destination, until};
  queues_[destination][number] = entry;
  if (until) late_.emplace(*until, entry);
  return true;
}

std::vector<WaitingRoom::Waiting> WaitingRoom::take(const Destination& destination,
                                                    std::size_t messages) {
  std::vector<Waiting> taken;
  while (taken.size() < messages) {
    const auto queue = queues_.find(destination);
    if (queue == queues_.end()) break;
    taken.push_back(leave(places_.find(queue->second.begin()->second)));
  }
  if (taken.empty()) early_.insert(destination);
  return taken;
}

std::vector<WaitingRoom::Waiting> WaitingRoom::take_late(mapi::FileTime now) {
  std::vector<Waiting> taken;
  while (!late_.empty() && late_.begin()->first <= now) {
    taken.push_back(leave(places_.find(late_.begin()->second)));
  }
  return taken;
}

std::optional<WaitingRoom::Waiting> WaitingRoom::take(const mapi::EntryId& entry) {
  const auto found = places_.find(entry);
  if (found == places_.end()) return std::nullopt;
  return leave(found);
}

std::vector<WaitingRoom::Waiting> WaitingRoom::take_all() {
  std::vector<Waiting> taken;
  while (!places_.empty()) taken.push_back(leave(places_.begin()));
  return taken;
}

WaitingRoom::Waiting WaitingRoom::leave(std::map<mapi::EntryId, Place>::iterator place) {
  Waiting waiting{place->first, place->second.number, std::move(place->second.destination)};
  if (place->second.until) late_.erase({*place->second.until, waiting.entry});
  const auto queue = queues_.find(waiting.destination);
  queue->second.erase(waiting.number);
  if (queue->second.empty()) queues_.erase(queue);
  places_.erase(place);
  return waiting;
}

bool WaitingRoom::any(const Destination& destination) const {
  return queues_.contains(destination);
}

bool WaitingRoom::any_before(const Destination& destination, Number number) const {
  const auto queue = queues_.find(destination);
  return queue != queues_.end() && queue->second.begin()->first < number;
}

std::optional<mapi::FileTime> WaitingRoom::next_late() const {
  return late_.empty() ? std::nullopt : std::optional(late_.begin()->first);
}

}  // namespace postern::spooler
