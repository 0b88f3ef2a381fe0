#include "store/engine/spooler_logon.h"

namespace postern::store {

bool SpoolerLogon::has_locked(MessageId id) const {
  const std::lock_guard guard(mutex_);
  return locked_.contains(id);
}

std::size_t SpoolerLogon::locked() const {
  const std::lock_guard guard(mutex_);
  return locked_.size();
}

}  // namespace postern::store
