#include "msg/compound/input_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "mapi/error.h"

namespace postern::msg {
namespace {

mapi::Failure failure(mapi::Code code, const std::filesystem::path& path, const char* what) {
  return mapi::Failure(code, "'" + path.string() + "' " + what);
}

mapi::Failure system_failure(mapi::Code code, const std::filesystem::path& path) {
  return mapi::system_failure(code, "'" + path.string() + "' cannot be read", errno);
}

FileIdentity identify(std::FILE* file, const std::filesystem::path& path) {
  struct stat status {};
  if (fstat(fileno(file), &status) != 0) throw system_failure(mapi::MAPI_E_DISK_ERROR, path);
  if (!S_ISREG(status.st_mode)) throw failure(mapi::MAPI_E_NOT_FOUND, path, "is no regular file");
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
          status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

mapi::Failure changed(const std::filesystem::path& path) {
  return failure(mapi::MAPI_E_OBJECT_CHANGED, path,
                 "was changed after the message was read from it; read it again");
}

}  // namespace

InputFile::InputFile(std::shared_ptr<std::FILE> file, std::filesystem::path path)
    : file_(std::move(file)), path_(std::move(path)), identity_(identify(file_.get(), path_)) {}

InputFile InputFile::open(const std::filesystem::path& path) {
  // Non-blocking, so that a named pipe is refused below instead of being waited for.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw system_failure(mapi::MAPI_E_NOT_FOUND, path);
  std::FILE* const file = fdopen(descriptor, "rb");
  if (file == nullptr) {
    ::close(descriptor);
    throw system_failure(mapi::MAPI_E_NOT_FOUND, path);
  }
  return adopt(file, path);
}

InputFile InputFile::open_again(const std::filesystem::path& path, const FileIdentity& seen) {
  auto file = open(path);
  if (file.identity() != seen) throw changed(path);
  return file;
}

InputFile InputFile::adopt(std::FILE* file, std::filesystem::path name) {
  return InputFile(std::shared_ptr<std::FILE>(file, &std::fclose), std::move(name));
}

bool InputFile::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  while (!into.empty()) {
    const auto count =
        pread(fileno(file_.get()), into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_failure(mapi::MAPI_E_DISK_ERROR, path_);
    if (count == 0) return false;
    offset += static_cast<std::uint64_t>(count);
    into = into.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

void InputFile::require_unchanged() const {
  if (identify(file_.get(), path_) != identity_) throw changed(path_);
}

}  // namespace postern::msg
