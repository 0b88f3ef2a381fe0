#include "msg/compound/new_file.h"

#include <cerrno>
#include <fcntl.h>
#include <random>
#include <string>
#include <unistd.h>
#include <utility>

#include "mapi/error.h"

namespace postern::msg {
namespace {

mapi::Code code_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return mapi::MAPI_E_NOT_ENOUGH_DISK;
    case EIO:
      return mapi::MAPI_E_DISK_ERROR;
    default:
      return mapi::MAPI_E_NO_ACCESS;
  }
}

mapi::Failure failure(const std::filesystem::path& path) {
  const int error = errno;
  return mapi::system_failure(code_of(error), "'" + path.string() + "' cannot be written", error);
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Flushes the file's new name to disk, so that it survives a power failure.
void sync_directory(const std::filesystem::path& path) {
  const int descriptor = ::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw failure(path);
  const bool good = fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (!good) throw failure(path);
}

}  // namespace

NewFile::NewFile(std::filesystem::path path)
    : path_(std::move(path)), stream_(nullptr, &std::fclose) {
  std::random_device random;
  int descriptor = -1;
  do {
    temporary_ = directory_of(path_) / (".postern-" + std::to_string(random()) + ".new");
    descriptor = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EEXIST);
  if (descriptor < 0) throw failure(path_);
  stream_.reset(fdopen(descriptor, "w+b"));
  if (!stream_) {
    ::close(descriptor);
    ::unlink(temporary_.c_str());
    throw failure(path_);
  }
}

NewFile::~NewFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void NewFile::commit() {
  if (std::fflush(stream_.get()) != 0 || fsync(fileno(stream_.get())) != 0) throw failure(path_);
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) throw failure(path_);
  temporary_.clear();
  sync_directory(path_);
}

}  // namespace postern::msg
