// What the connections of one process share of a file, and what is gone with the power: the five
// lock levels of SQLite's xLock, and the shared memory of its write-ahead log with its locks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace postern::store::test {

class FileSharing {
 public:
  using Holder = const void*;  ///< a connection's handle on the file
  enum class MemoryLock { shared, exclusive };

  /// Raises the holder's lock to SQLITE_LOCK_SHARED, _RESERVED or _EXCLUSIVE; false while others
  /// are in the way. On the way to the last, SQLITE_LOCK_PENDING stays, which lets no reader in.
  [[nodiscard]] bool lock(Holder holder, int level);
  void unlock(Holder holder, int level);
  [[nodiscard]] bool is_reserved() const;

  /// A region of the shared memory; null if it is not there and is not to be made.
  void* map_memory(Holder holder, std::size_t region, std::size_t size, bool make);
  /// Locks `count` of the memory's slots, all or none.
  [[nodiscard]] bool lock_memory(Holder holder, unsigned first, unsigned count, MemoryLock kind);
  void unlock_memory(Holder holder, unsigned first, unsigned count);
  /// What any holder has written to the memory, all see afterwards.
  void memory_barrier() { const std::lock_guard guard(mutex_); }
  /// The memory goes with its last holder: the first one that comes makes it anew.
  void leave_memory(Holder holder);

 private:
  struct Slots {
    std::uint32_t shared = 0;
    std::uint32_t exclusive = 0;
  };
  [[nodiscard]] bool has_other(Holder holder, int level) const;

  mutable std::mutex mutex_;
  std::map<Holder, int> levels_;
  std::map<Holder, Slots> slots_;
  std::vector<std::unique_ptr<std::byte[]>> regions_;
};

}  // namespace postern::store::test
