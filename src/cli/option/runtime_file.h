// A file for what runs now, of the user that runs, which no other user may have made.
#pragma once

#include <filesystem>
#include <string_view>

namespace postern::cli {

/// An empty file in a directory of the user's own ($XDG_RUNTIME_DIR/postern, for the superuser
/// /run/postern, else /tmp/postern-UID), the same for the same `subject` and another one for any
/// other. Throws mapi::Failure(MAPI_E_NO_ACCESS) if it cannot be made, or the directory is somebody
/// else's.
[[nodiscard]] std::filesystem::path runtime_file(std::string_view subject);

/// The right to answer for such a file; the kernel takes it back when its owner ends.
class RuntimeLock {
 public:
  explicit RuntimeLock(const std::filesystem::path& file);
  RuntimeLock(const RuntimeLock&) = delete;
  RuntimeLock& operator=(const RuntimeLock&) = delete;
  ~RuntimeLock();
  /// False if another process has it.
  [[nodiscard]] bool succeeded() const { return succeeded_; }

 private:
  int descriptor_ = -1;
  bool succeeded_ = false;
};

}  // namespace postern::cli
