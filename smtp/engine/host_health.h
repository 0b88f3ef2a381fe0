// Which hosts of a destination could not be reached, or answered nothing, lately: they are tried
// after the others, so that one dead host does not cost every connection its time-out. No clock.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "smtp/connect/target.h"

namespace postern::smtp {

/// What a host is known by here: its relay's text and the address.
std::string host_key(const ConnectTarget& target);

class HostHealth {
 public:
  static constexpr std::chrono::seconds penalty{60};  ///< a host is put behind the others for

  /// `host`: its host_key.
  void failed(const std::string& host, TimePoint now);
  void worked(const std::string& host);
  /// The same targets: those that have failed lately come last, both parts in the order given.
  [[nodiscard]] std::vector<ConnectTarget> ordered(std::vector<ConnectTarget> targets,
                                                   TimePoint now) const;

 private:
  std::map<std::string, SteadyTime> penalty_until_;
};

}  // namespace postern::smtp
