// Locks between processes that end with the process that holds them.
//
// The file is `<store>-lock`, beside the store. Each lock is one byte of it (open file description
// locks, fcntl(2) F_OFD_SETLK): the kernel releases it when the holder closes the file or is
// killed, so no lock is left after a crash. Each LockFile object is a holder of its own: two in one
// process exclude each other as two processes do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace postern::store {

/// The bytes of the lock file.
enum class LockByte : std::int64_t {
  spooler = 0,                           ///< the spooler logon
  first_message = 1,                     ///< one byte for each message id from here up
  opening = std::int64_t{1} << 61,       ///< making the store's tables
  first_writer = std::int64_t{1} << 62,  ///< one byte for each writer of attachment data
};
[[nodiscard]] LockByte message_lock_byte(std::int64_t message_id);
[[nodiscard]] LockByte writer_lock_byte(std::int64_t writer);

enum class LockKind { shared, exclusive };

class LockFile {
 public:
  /// Opens the lock file of a store, making it (with the store's permissions) if it is absent.
  /// Throws mapi::Failure(MAPI_E_NO_ACCESS, MAPI_E_DISK_ERROR).
  explicit LockFile(const std::filesystem::path& store);
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile();

  /// Returns false if another holder has a conflicting lock.
  [[nodiscard]] bool try_lock(LockByte byte, LockKind kind);
  /// Waits for the other holders.
  void lock(LockByte byte, LockKind kind);
  void unlock(LockByte byte) noexcept;

  /// Whether another holder has a lock that conflicts with one of this kind.
  [[nodiscard]] bool is_held_against(LockByte byte, LockKind kind) const;

  /// A line of text in the file, in which the spooler names its process. It is optional: if it
  /// cannot be written (a full disk), it is left out.
  void write_note(std::string_view note) noexcept;
  [[nodiscard]] std::string read_note() const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace postern::store
