#include "base/atomic_file.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/resource_exhaustion.h"

namespace postern {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), path);
}

void write_all(int descriptor, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// A file beside another one that it is to replace, under a name of its own, since some other
/// process may be replacing that as well; removed when it goes before it could.
class Replacement {
 public:
  explicit Replacement(const std::string& path) : path_(path) {
    std::random_device random;
    do {
      fresh_ = fmt::format("{}.{:08x}.new", path, random());
      descriptor_ = ::open(fresh_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    } while (descriptor_ < 0 && errno == EEXIST);
    if (descriptor_ < 0) fail(fresh_);
  }
  ~Replacement() {
    ::close(descriptor_);
    if (!fresh_.empty()) ::unlink(fresh_.c_str());
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  void write(std::string_view content) const { write_all(descriptor_, content, fresh_); }
  void commit() {
    if (::fdatasync(descriptor_) != 0) fail(fresh_);
    if (::rename(fresh_.c_str(), path_.c_str()) != 0) fail(path_);
    fresh_.clear();
  }

 private:
  const std::string path_;
  std::string fresh_;
  int descriptor_ = -1;
};

}  // namespace

void replace_file(const std::string& path, std::string_view content) {
  Replacement replacement(path);
  replacement.write(content);
  replacement.commit();
}

std::optional<std::string> read_file(const std::string& path, std::size_t most) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error || size > most) return std::nullopt;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file && exhausted_resource(errno)) fail(path);
  std::string content(static_cast<std::size_t>(size), '\0');
  if (!file.read(content.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return content;
}

void demand_directory(const std::string& path, std::string_view purpose) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && ::access(path.c_str(), W_OK | X_OK) == 0) return;
  throw std::invalid_argument(
      fmt::format("the directory \"{}\" for {} cannot be written in: {}", path, purpose,
                  error ? error.message() : std::generic_category().message(errno)));
}

}  // namespace postern
