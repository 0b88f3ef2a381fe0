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

void SpoolerLogon::commit(const Work& work) {
  const auto failure = commit_all(std::span(&work, 1)).front();
  if (failure) std::rethrow_exception(failure);
}

void SpoolerLogon::commit_for(MessageId id, const Work& work) {
  commit([&](Transaction& transaction) {
    keep_lock(transaction.connection, id);
    work(transaction);
  });
}

std::optional<LoadedMessage> SpoolerLogon::take_read(MessageId id) {
  const std::lock_guard guard(mutex_);
  auto found = read_.extract(id);
  return found ? std::optional(std::move(found.mapped())) : std::nullopt;
}

}  // namespace postern::store
