#include "smtp/engine/destination_shares.h"

#include <utility>

namespace postern::smtp {

bool DestinationShares::has_room(const std::string& destination) {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(destination);
  if (found == places_.end() || found->second.load == 0) return true;
  if (found->second.load < found->second.share) return true;
  found->second.awaited = true;
  return false;
}

void DestinationShares::wait(const std::string& destination) {
  const std::scoped_lock lock(mutex_);
  places_[destination].awaited = true;
}

std::size_t DestinationShares::update(const std::string& destination, std::size_t load,
                                      std::size_t share) {
  const std::scoped_lock lock(mutex_);
  Place& place = places_[destination];
  place.load = load;
  place.share = share;
  const std::size_t room = share > load ? share - load : 0;
  const bool tells = room > 0 && std::exchange(place.awaited, false);
  if (load == 0 && !place.awaited) places_.erase(destination);
  return tells ? room : 0;
}

}  // namespace postern::smtp
