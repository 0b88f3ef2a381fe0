// Space on the store's disk that is reserved for outcomes.
//
// What a server has accepted must be recorded, or it is sent again. So a spooler logon holds
// `<store>-reserve`, a file of allocated blocks; when the disk is full, the blocks are released and
// the outcomes of running deliveries fit in. No further message is begun then. Other programs may
// still fill the released space first; a message that was sent but could not be recorded is then
// sent again, never lost.
#pragma once

#include <atomic>
#include <filesystem>

namespace postern::store {

class SpaceReserve {
 public:
  /// Throws mapi::Failure(MAPI_E_NOT_ENOUGH_DISK) if the disk does not have that much space.
  explicit SpaceReserve(const std::filesystem::path& store);
  SpaceReserve(const SpaceReserve&) = delete;
  SpaceReserve& operator=(const SpaceReserve&) = delete;
  ~SpaceReserve();  ///< removes the file

  /// Releases the blocks.
  void release() noexcept;
  /// Allocates the blocks again; throws as the constructor. No commit may need them.
  void restore();
  [[nodiscard]] bool is_released() const noexcept { return released_; }

 private:
  void allocate();

  const std::filesystem::path store_;
  const std::filesystem::path path_;
  std::atomic<bool> released_ = false;
};

}  // namespace postern::store
