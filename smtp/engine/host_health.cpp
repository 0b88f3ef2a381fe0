#include "smtp/engine/host_health.h"

#include <algorithm>

namespace postern::smtp {

std::string host_key(const ConnectTarget& target) {
  return target.relay.text() + '[' + target.address + ']';
}

/// A domain's hosts and their addresses come and go: what is over is forgotten.
void HostHealth::failed(const std::string& host, TimePoint now) {
  std::erase_if(penalty_until_, [&](const auto& entry) { return entry.second <= now.steady; });
  penalty_until_[host] = now.steady + penalty;
}

void HostHealth::worked(const std::string& host) {
  penalty_until_.erase(host);
}

std::vector<ConnectTarget> HostHealth::ordered(std::vector<ConnectTarget> targets,
                                               TimePoint now) const {
  std::stable_partition(targets.begin(), targets.end(), [&](const ConnectTarget& target) {
    const auto found = penalty_until_.find(host_key(target));
    return found == penalty_until_.end() || found->second <= now.steady;
  });
  return targets;
}

}  // namespace postern::smtp
