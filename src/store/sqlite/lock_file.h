// Locks that all processes see and that die with the process that holds them.
//
// `<store>-lock` lies beside the store. Who holds what is a lock on one octet of it (open file
// description locks, fcntl(2) F_OFD_SETLK): the kernel drops them when the holder closes the file
// or is killed, so nothing is left to clear after a crash. Each LockFile object is a holder of its
// own: two in one process exclude each other as two processes do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace postern::store {

/// What an octet of the lock file stands for.
enum class LockByte : std::int64_t {
  spooler = 0,                           ///< the spooler logon
  first_message = 1,                     ///< one octet for each message id from here up
  opening = std::int64_t{1} << 61,       ///< making the store's tables
  first_writer = std::int64_t{1} << 62,  ///< one octet for each writer of attachment data
};
[[nodiscard]] LockByte message_lock_byte(std::int64_t message_id);
[[nodiscard]] LockByte writer_lock_byte(std::int64_t writer);

enum class LockKind { shared, exclusive };

class LockFile {
 public:
  /// Opens the lock file of a store, making it (with the store's permissions) where it is absent.
  /// Throws mapi::Failure(MAPI_E_NO_ACCESS, MAPI_E_DISK_ERROR).
  explicit LockFile(const std::filesystem::path& store);
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile();

  /// False when another holder is in the way.
  [[nodiscard]] bool try_lock(LockByte byte, LockKind kind);
  /// Waits for the other holders.
  void lock(LockByte byte, LockKind kind);
  void unlock(LockByte byte) noexcept;

  /// Whether another holder's lock would be in the way of one of this kind.
  [[nodiscard]] bool is_held_against(LockByte byte, LockKind kind) const;

  /// A line of text in the file, by which the spooler says who it is. A courtesy: where it cannot
  /// be written (a full disk) it is left out.
  void write_note(std::string_view note) noexcept;
  [[nodiscard]] std::string read_note() const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace postern::store
