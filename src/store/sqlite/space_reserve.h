// Space on the store's disk that is kept for verdicts.
//
// What a server has taken must be recorded, or it is sent again. So a spooler logon holds
// `<store>-reserve`, a file of allocated blocks; when the disk turns out to be full, the blocks are
// given back and the records of what is under way find room. Nothing new is begun then. Whoever
// goes on filling the disk in that moment may still take the room away; what was sent and could not
// be recorded is then sent again, never lost.
#pragma once

#include <atomic>
#include <filesystem>

namespace postern::store {

class SpaceReserve {
 public:
  /// Throws mapi::Failure(MAPI_E_NOT_ENOUGH_DISK) where the disk has not even so much room.
  explicit SpaceReserve(const std::filesystem::path& store);
  SpaceReserve(const SpaceReserve&) = delete;
  SpaceReserve& operator=(const SpaceReserve&) = delete;
  ~SpaceReserve();  ///< removes the file

  /// Gives the blocks back.
  void release() noexcept;
  /// Takes the blocks again; throws as the constructor. Nobody may be in need of them.
  void restore();
  [[nodiscard]] bool is_released() const noexcept { return released_; }

 private:
  void allocate();

  const std::filesystem::path store_;
  const std::filesystem::path path_;
  std::atomic<bool> released_ = false;
};

}  // namespace postern::store
