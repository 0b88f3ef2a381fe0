#include "smtp/engine/host_memory.h"

#include <algorithm>

namespace postern::smtp {

std::string host_key(const ConnectTarget& target) {
  return target.relay.text() + '[' + target.address + ']';
}

void HostMemory::failed(const std::string& host, Moment now) {
  failed_until_[host] = now.steady + relief;
}

void HostMemory::worked(const std::string& host) {
  failed_until_.erase(host);
}

std::vector<ConnectTarget> HostMemory::ordered(std::vector<ConnectTarget> targets,
                                               Moment now) const {
  std::stable_partition(targets.begin(), targets.end(), [&](const ConnectTarget& target) {
    const auto found = failed_until_.find(host_key(target));
    return found == failed_until_.end() || found->second <= now.steady;
  });
  return targets;
}

}  // namespace postern::smtp
