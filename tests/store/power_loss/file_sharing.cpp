#include "tests/store/power_loss/file_sharing.h"

#include <algorithm>

#include <sqlite3.h>

namespace postern::store::test {
namespace {

std::uint32_t slots_from(unsigned first, unsigned count) {
  return ((std::uint32_t{1} << count) - 1) << first;
}

}  // namespace

bool FileSharing::lock(Holder holder, int level) {
  const std::lock_guard guard(mutex_);
  auto& own = levels_[holder];
  if (own >= level) return true;
  const bool reads = level == SQLITE_LOCK_SHARED;
  if (has_other(holder, reads ? SQLITE_LOCK_PENDING : SQLITE_LOCK_RESERVED)) return false;
  if (level == SQLITE_LOCK_EXCLUSIVE) {
    own = SQLITE_LOCK_PENDING;
    if (has_other(holder, SQLITE_LOCK_SHARED)) return false;
  }
  own = level;
  return true;
}

void FileSharing::unlock(Holder holder, int level) {
  const std::lock_guard guard(mutex_);
  if (level == SQLITE_LOCK_NONE) {
    levels_.erase(holder);
  } else if (const auto found = levels_.find(holder); found != levels_.end()) {
    found->second = std::min(found->second, level);
  }
}

bool FileSharing::is_reserved() const {
  const std::lock_guard guard(mutex_);
  return has_other(nullptr, SQLITE_LOCK_RESERVED);
}

bool FileSharing::has_other(Holder holder, int level) const {
  return std::ranges::any_of(
      levels_, [&](const auto& other) { return other.first != holder && other.second >= level; });
}

void* FileSharing::map_memory(Holder holder, std::size_t region, std::size_t size, bool make) {
  const std::lock_guard guard(mutex_);
  slots_.try_emplace(holder);
  if (region >= regions_.size() && !make) return nullptr;
  while (region >= regions_.size()) regions_.push_back(std::make_unique<std::byte[]>(size));
  return regions_[region].get();
}

bool FileSharing::lock_memory(Holder holder, unsigned first, unsigned count, MemoryLock kind) {
  const auto wanted = slots_from(first, count);
  const std::lock_guard guard(mutex_);
  const bool is_taken = std::ranges::any_of(slots_, [&](const auto& other) {
    const auto against =
        other.second.exclusive | (kind == MemoryLock::exclusive ? other.second.shared : 0);
    return other.first != holder && (against & wanted) != 0;
  });
  if (is_taken) return false;
  auto& own = slots_[holder];
  (kind == MemoryLock::exclusive ? own.exclusive : own.shared) |= wanted;
  return true;
}

void FileSharing::unlock_memory(Holder holder, unsigned first, unsigned count) {
  const std::lock_guard guard(mutex_);
  auto& own = slots_[holder];
  own.shared &= ~slots_from(first, count);
  own.exclusive &= ~slots_from(first, count);
}

void FileSharing::leave_memory(Holder holder) {
  const std::lock_guard guard(mutex_);
  slots_.erase(holder);
  if (slots_.empty()) regions_.clear();
}

}  // namespace postern::store::test
