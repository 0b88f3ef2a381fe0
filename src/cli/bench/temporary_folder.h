// A folder for what is measured, beside a store: nobody else's, and gone with this object.
#pragma once

#include <cstdint>
#include <filesystem>

namespace postern::cli {

class TemporaryFolder {
 public:
  /// `place`: the directory in which it is made. Throws mapi::Failure with one sentence:
  /// MAPI_E_NOT_FOUND, MAPI_E_NO_ACCESS, MAPI_E_NOT_ENOUGH_DISK, MAPI_E_DISK_ERROR.
  explicit TemporaryFolder(const std::filesystem::path& place);
  /// Removes it with all that is in it.
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  static constexpr std::uint64_t part = 4;
  /// How much may be written into it: a quarter of what is free there now.
  [[nodiscard]] std::uint64_t room() const;

 private:
  std::filesystem::path path_;
};

}  // namespace postern::cli
