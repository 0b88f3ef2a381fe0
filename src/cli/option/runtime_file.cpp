#include "cli/option/runtime_file.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapi/error.h"

namespace postern::cli {
namespace {

std::filesystem::path directory_of_user() {
  const char* given = std::getenv("XDG_RUNTIME_DIR");
  if (given != nullptr && *given != '\0') return std::filesystem::path(given) / "postern";
  if (::geteuid() == 0) return "/run/postern";
  return "/tmp/postern-" + std::to_string(::geteuid());
}

mapi::Failure unusable(const std::filesystem::path& path, int error) {
  return mapi::system_failure(mapi::MAPI_E_NO_ACCESS,
                              "'" + path.string() + "' for the spooler's socket cannot be used",
                              error);
}

/// In /tmp anybody could have made it.
void make_own_directory(const std::filesystem::path& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) throw unusable(directory, errno);
  struct stat found {};
  if (::lstat(directory.c_str(), &found) != 0) throw unusable(directory, errno);
  if (!S_ISDIR(found.st_mode)) throw unusable(directory, ENOTDIR);
  if (found.st_uid != ::geteuid() || (found.st_mode & 022U) != 0) throw unusable(directory, EPERM);
}

/// FNV-1a, 64 bits: the same in every process, unlike std::hash.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xCBF29CE484222325U;
  for (const char octet : text) {
    value = (value ^ static_cast<unsigned char>(octet)) * 0x100000001B3U;
  }
  return value;
}

}  // namespace

std::filesystem::path runtime_file(std::string_view subject) {
  const auto directory = directory_of_user();
  make_own_directory(directory);
  auto path = directory / ("store-" + std::to_string(hash(subject)));
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) throw unusable(path, errno);
  ::close(descriptor);
  return path;
}

RuntimeLock::RuntimeLock(const std::filesystem::path& file)
    : descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)),
      succeeded_(descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {}

RuntimeLock::~RuntimeLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace postern::cli
