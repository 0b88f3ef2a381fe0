// Which hosts of a destination failed lately (not reachable, or no answer): they are tried after
// the others, so that not every connection waits for one dead host's time-out. No clock.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "smtp/connect/target.h"

namespace postern::smtp {

/// Identifies a host: its relay's text and the address.
std::string host_key(const ConnectTarget& target);

class HostHealth {
 public:
  static constexpr std::chrono::seconds penalty{60};  ///< how long a host is tried last

  /// `host`: its host_key.
  void failed(const std::string& host, TimePoint now);
  void worked(const std::string& host);
  /// The same targets: those that failed lately come last; otherwise in the order given.
  [[nodiscard]] std::vector<ConnectTarget> ordered(std::vector<ConnectTarget> targets,
                                                   TimePoint now) const;

  [[nodiscard]] std::size_t remembered() const { return penalty_until_.size(); }

 private:
  std::map<std::string, SteadyTime> penalty_until_;
};

}  // namespace postern::smtp
