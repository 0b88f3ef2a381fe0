#include "store/engine/spooler_logon.h"

#include <utility>

namespace postern::store {

bool SpoolerLogon::has_locked(MessageId id) const {
  const std::lock_guard guard(mutex_);
  return locked_.contains(id);
}

std::size_t SpoolerLogon::locked() const {
  const std::lock_guard guard(mutex_);
  return locked_.size();
}

void SpoolerLogon::remember(MessageId id, KnownMessage known) {
  const std::lock_guard guard(mutex_);
  if (const auto found = locked_.find(id); found != locked_.end()) {
    found->second = std::move(known);
  }
}

std::optional<KnownMessage> SpoolerLogon::known(MessageId id) const {
  const std::lock_guard guard(mutex_);
  const auto found = locked_.find(id);
  return found == locked_.end() ? std::nullopt : found->second;
}

}  // namespace postern::store
