#include "store/database/read_pool.h"

namespace postern::store {
namespace {

constexpr std::size_t idle_limit = 24;  // as many as threads usually work at once

}  // namespace

std::unique_ptr<Connection> ReadPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return open_();
}

void ReadPool::give_back(std::unique_ptr<Connection> connection) noexcept {
  connection->roll_back();
  const std::lock_guard lock(mutex_);
  if (connection->is_lost()) {
    idle_.clear();  // what has ended one has most probably ended all
  } else if (idle_.size() < idle_limit) {
    idle_.push_back(std::move(connection));
  }
}

}  // namespace postern::store
