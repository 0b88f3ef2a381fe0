#include "cli/convert/output_file.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "mapi/error.h"

namespace postern::cli {

namespace fs = std::filesystem;

OutputFile::OutputFile(fs::path path, Existing existing)
    : path_(std::move(path)), existing_(existing) {
  std::error_code error;
  if (existing_ == Existing::keep && fs::exists(fs::symlink_status(path_, error))) fail(EEXIST);
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (error) fail(error.value());
  constexpr mode_t as_the_mask_says = 0666;
  static std::atomic<unsigned> number = 0;  // a name as long as the output's has no room for more
  const auto name = (path_.parent_path() / (".postern-" + std::to_string(::getpid()) + '-' +
                                            std::to_string(++number) + ".part"))
                        .string();
  descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, as_the_mask_says);
  if (descriptor_ < 0) fail(errno);
  temporary_ = name;
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::span<const std::byte> octets) {
  while (!octets.empty()) {
    const auto count = ::write(descriptor_, octets.data(), octets.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    octets = octets.subspan(static_cast<std::size_t>(count));
  }
}

/// link() refuses a name that somebody else has taken meanwhile; not every file system knows it.
void OutputFile::finish() {
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(errno);
  if (existing_ == Existing::keep) {
    if (::link(temporary_.c_str(), path_.c_str()) == 0) return;
    const bool is_unknown = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
    if (!is_unknown) fail(errno);
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno);
  temporary_.clear();
}

void OutputFile::fail(int error) const {
  const auto file = "'" + path_.string() + "' ";
  if (error == EEXIST) {
    throw mapi::Failure(mapi::MAPI_E_COLLISION,
                        file + "exists already and is kept; --overwrite replaces it");
  }
  const auto code = error == ENOSPC || error == EDQUOT ? mapi::MAPI_E_NOT_ENOUGH_DISK
                    : error == EACCES || error == EROFS || error == EPERM ? mapi::MAPI_E_NO_ACCESS
                                                                          : mapi::MAPI_E_DISK_ERROR;
  throw mapi::Failure(code, file + "cannot be written: " + std::generic_category().message(error));
}

}  // namespace postern::cli
