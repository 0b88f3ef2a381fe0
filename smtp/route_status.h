// How a route stands, for operators: what is open, what waits, and why nothing may go.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "base/outcome.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

struct RouteStatus {
  std::string route;                ///< the relays as URLs without credentials, or the domain
  std::size_t connections = 0;      ///< that are open
  std::size_t max_connections = 0;  ///< that may be open at this time
  std::size_t waiting = 0;          ///< messages, not begun
  std::size_t under_way = 0;        ///< messages
  /// Why the route is left alone for a time; nothing where messages go. Whoever is given to it
  /// meanwhile gets this outcome at once.
  std::optional<Outcome> suspended{};
  std::chrono::system_clock::time_point suspended_until{};
};

}  // namespace postern::smtp
#pragma GCC visibility pop
