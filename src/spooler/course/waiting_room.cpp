#include "spooler/course/waiting_room.h"

namespace postern::spooler {

bool WaitingRoom::wait(const mapi::EntryId& entry, Number number, const Destination& destination,
                       std::optional<mapi::FileTime> until) {
  const auto asked = asked_.find({number, destination});
  const bool is_new = asked == asked_.end() || asked->second == given_[destination];
  if (asked != asked_.end()) asked_.erase(asked);
  if (!is_new) return false;
  // One that is on its way may be why it was turned away, whatever room there is.
  if (!on_the_way_.contains(destination)) room_.erase(destination);
  take(entry);
  const auto place = places_.insert_or_assign(entry, Place{number, destination, until}).first;
  queues_[destination][number] = place;
  if (until) late_[{*until, number}] = place;
  return true;
}

std::optional<WaitingRoom::Waiting> WaitingRoom::give_room(const Destination& destination,
                                                           std::size_t messages) {
  constexpr std::size_t most_remembered = 10'000;  // then some are offered once more in vain
  if (given_.size() > most_remembered) given_.clear();
  ++given_[destination];
  if (!any(destination) && !on_the_way_.contains(destination)) return std::nullopt;
  room_[destination] = messages;
  return next(destination);
}

std::optional<WaitingRoom::Waiting> WaitingRoom::arrived(const Destination& destination,
                                                         bool was_offered) {
  on_the_way_.erase(destination);
  ++given_[destination];  // who has asked meanwhile has found it on its way
  if (!was_offered) ++room_[destination];
  return next(destination);
}

std::optional<WaitingRoom::Waiting> WaitingRoom::next(const Destination& destination) {
  const auto queue = queues_.find(destination);
  const auto room = room_.find(destination);
  if (queue == queues_.end() && !on_the_way_.contains(destination)) room_.erase(destination);
  if (queue == queues_.end() || room == room_.end()) return std::nullopt;
  if (on_the_way_.contains(destination)) return std::nullopt;
  Waiting first = leave(queue->second.begin()->second);
  on_the_way_[destination] = first.number;
  if (--room->second == 0) room_.erase(room);
  return first;
}

void WaitingRoom::forget(Number number) {
  auto one = asked_.lower_bound({number, Destination{}});
  while (one != asked_.end() && one->first.first == number) one = asked_.erase(one);
}

std::vector<WaitingRoom::Waiting> WaitingRoom::stir() {
  std::erase_if(on_the_way_, [this](const auto& one) {
    const auto before = long_on_the_way_.find(one.first);
    return before != long_on_the_way_.end() && before->second == one.second;
  });
  std::vector<Destination> destinations;
  for (const auto& [destination, queue] : queues_) destinations.push_back(destination);
  std::vector<Waiting> taken;
  for (const Destination& destination : destinations) {
    room_.try_emplace(destination, 1);
    if (auto first = next(destination)) taken.push_back(std::move(*first));
  }
  long_on_the_way_ = on_the_way_;
  return taken;
}

std::vector<WaitingRoom::Waiting> WaitingRoom::take_late(mapi::FileTime now) {
  std::vector<Waiting> taken;
  while (!late_.empty() && late_.begin()->first.first <= now) {
    taken.push_back(leave(late_.begin()->second));
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

WaitingRoom::Waiting WaitingRoom::leave(Places::iterator place) {
  Waiting waiting{place->first, place->second.number, std::move(place->second.destination)};
  if (place->second.until) late_.erase({*place->second.until, waiting.number});
  const auto queue = queues_.find(waiting.destination);
  queue->second.erase(waiting.number);
  if (queue->second.empty()) queues_.erase(queue);
  places_.erase(place);
  return waiting;
}

bool WaitingRoom::any(const Destination& destination) const {
  return queues_.contains(destination);
}

bool WaitingRoom::any_before(const Destination& destination, Number number) {
  const auto given = given_.find(destination);
  asked_[{number, destination}] = given == given_.end() ? 0 : given->second;
  const auto queue = queues_.find(destination);
  if (queue != queues_.end() && queue->second.begin()->first < number) return true;
  const auto on_the_way = on_the_way_.find(destination);
  return on_the_way != on_the_way_.end() && on_the_way->second < number;
}

std::optional<mapi::FileTime> WaitingRoom::next_late() const {
  return late_.empty() ? std::nullopt : std::optional(late_.begin()->first.first);
}

}  // namespace postern::spooler
