// A file without a name: what is written into it can be read as a Content, and its place is given
// back with the last of that content's copies, also after a crash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "mapi/content.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// For files that may be large: $TMPDIR, else /var/tmp.
std::filesystem::path temporary_directory();

class TemporaryFile {
 public:
  /// mapi::Failure: MAPI_E_DISK_ERROR, exhaustion.
  explicit TemporaryFile(const std::filesystem::path& directory);

  /// mapi::Failure: MAPI_E_NOT_ENOUGH_DISK, MAPI_E_DISK_ERROR.
  void write(std::string_view octets);

  /// What was written. Nothing may be written afterwards.
  [[nodiscard]] Content content() const;

 private:
  class File;
  std::shared_ptr<File> file_;
  std::uint64_t size_ = 0;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
