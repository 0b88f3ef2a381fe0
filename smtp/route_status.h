// The status of a route, for operators: open connections, waiting messages, why it is suspended,
// and what was learned of its servers.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/outcome.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// What a server has shown and is remembered for a time, until Client::resume at the latest.
struct LearnedFact {
  std::string host;  ///< as a URL without credentials, with the address if it is known
  std::string text;  ///< "at most 50 recipients at once"
  std::chrono::system_clock::time_point until;
  friend bool operator==(const LearnedFact&, const LearnedFact&) = default;
};

/// A snapshot (Client::routes, ClientOptions::route_changed).
struct RouteStatus {
  std::string route;                ///< the relays as URLs without credentials, or the domain
  std::size_t connections = 0;      ///< open now
  std::size_t max_connections = 0;  ///< that may be open now
  std::size_t waiting = 0;          ///< messages that have not been begun
  std::size_t under_way = 0;        ///< messages that are being sent
  /// Why the route is suspended; nullopt if it is not. Messages given to it meanwhile get this
  /// outcome at once.
  std::optional<Outcome> suspended{};
  std::chrono::system_clock::time_point suspended_until{};
  std::vector<LearnedFact> learned{};
};

}  // namespace postern::smtp
#pragma GCC visibility pop
