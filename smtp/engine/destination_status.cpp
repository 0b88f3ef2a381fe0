// What a Destination (destination.h) says of itself.
#include <algorithm>
#include <utility>

#include "smtp/engine/destination.h"

namespace postern::smtp {
namespace {

std::chrono::system_clock::time_point wall_of(SteadyTime time, TimePoint now) {
  return now.wall +
         std::chrono::duration_cast<std::chrono::system_clock::duration>(time - now.steady);
}

}  // namespace

/// What is left of the suspension.
std::chrono::milliseconds Destination::pause() const {
  using std::chrono::milliseconds;
  return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(limiter_.suspended_until() -
                                                                   TimePoint::now().steady));
}

/// The fault that suspends the destination, for a message without an attempt.
RouteFault Destination::postponed(const RouteFault& why) const {
  RouteFault fault = why;
  fault.outcome.time = TimePoint::now().wall;
  fault.outcome.attempted = false;
  fault.retry_after = pause();
  fault.transcript = {"-- nothing was tried: the route is left alone for a time"};
  return fault;
}

RouteStatus Destination::status() const {
  const TimePoint now = TimePoint::now();
  RouteStatus status{.route = hosts_->name(),
                     .connections = open_links_,
                     .max_connections = limiter_.connections(),
                     .waiting = waiting_.size(),
                     .under_way = served_.size(),
                     .learned = learned(now)};
  if (const RouteFault* why = suspension()) {
    status.suspended = why->outcome;
    status.suspended_until = wall_of(limiter_.suspended_until(), now);
  }
  return status;
}

std::vector<LearnedFact> Destination::learned(TimePoint now) const {
  std::vector<LearnedFact> all;
  for (const auto& [host, memory] : memories_) {
    for (ServerMemory::Fact& fact : memory->facts(now.steady)) {
      all.push_back({host, std::move(fact.text), wall_of(fact.until, now)});
    }
  }
  if (!hosts_->may_be_ourselves()) return all;  // only relays ask who we are
  for (MechanismMemory::Fact& fact : connector_.mechanisms().facts(now.steady)) {
    all.push_back({std::move(fact.account), std::move(fact.text), wall_of(fact.until, now)});
  }
  return all;
}

void Destination::notify() const {
  if (options_->route_changed) options_->route_changed(status());
}

}  // namespace postern::smtp
