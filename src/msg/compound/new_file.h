// Writes a file as a whole or not at all: under a temporary name, then renamed.
//
// Throws mapi::Failure that names the file: MAPI_E_NO_ACCESS (the directory does not exist or may
// not be written to), MAPI_E_NOT_ENOUGH_DISK, MAPI_E_DISK_ERROR. Without `commit` nothing remains.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>

namespace postern::msg {

class NewFile {
 public:
  explicit NewFile(std::filesystem::path path);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();

  [[nodiscard]] std::FILE* stream() const { return stream_.get(); }
  /// Makes the octets durable and renames the file, replacing an existing one.
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream_;
};

}  // namespace postern::msg
