// A file opened for reading at any offset, from any number of threads.
//
// Copies share the descriptor. Throws mapi::Failure, with a sentence that names the file, if the
// file cannot be opened (MAPI_E_NOT_FOUND) or the disk fails (MAPI_E_DISK_ERROR).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>

namespace postern::msg {

/// Identifies a file and its state, to detect a change.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_seconds = 0;
  std::int64_t modified_nanoseconds = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

class InputFile {
 public:
  /// Only regular files.
  static InputFile open(const std::filesystem::path& path);
  /// As `open`; MAPI_E_OBJECT_CHANGED if the file is not the one seen before.
  static InputFile open_again(const std::filesystem::path& path, const FileIdentity& seen);
  /// A temporary file without a name. `name` is for error messages.
  static InputFile adopt(std::FILE* file, std::filesystem::path name);

  /// Fills `into` from `offset`; false if the file ends before.
  [[nodiscard]] bool read_at(std::uint64_t offset, std::span<std::byte> into) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::uint64_t size() const { return identity_.size; }
  [[nodiscard]] const FileIdentity& identity() const { return identity_; }
  /// Throws MAPI_E_OBJECT_CHANGED if the file was written to since it was opened.
  void require_unchanged() const;

 private:
  InputFile(std::shared_ptr<std::FILE> file, std::filesystem::path path);

  std::shared_ptr<std::FILE> file_;
  std::filesystem::path path_;
  FileIdentity identity_;
};

}  // namespace postern::msg
