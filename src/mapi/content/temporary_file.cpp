#include "mapi/temporary_file.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "mapi/error.h"

namespace postern::mapi {
namespace {

/// Where O_TMPFILE is not known (NFS), the name is taken away at once.
int open_nameless(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return descriptor;
  std::string name = (directory / "postern-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

Failure failure(const std::string& what, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return system_failure(full ? MAPI_E_NOT_ENOUGH_DISK : MAPI_E_DISK_ERROR, what, error);
}

}  // namespace

std::filesystem::path temporary_directory() {
  const char* const named = std::getenv("TMPDIR");
  return named != nullptr && *named != '\0' ? named : "/var/tmp";
}

class TemporaryFile::File {
 public:
  explicit File(const std::filesystem::path& directory)
      : descriptor_(open_nameless(directory)), directory_(printable(directory.string())) {
    if (descriptor_ < 0) throw failure("no file can be made in '" + directory_ + "'", errno);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(descriptor_); }

  void write(std::string_view octets) const {
    while (!octets.empty()) {
      const auto count = ::write(descriptor_, octets.data(), octets.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw failure("a file in '" + directory_ + "' cannot be written", errno);
      octets.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  std::size_t read(std::span<std::byte> into, std::uint64_t offset) const {
    while (true) {
      const auto count = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) throw failure("a file in '" + directory_ + "' cannot be read", errno);
    }
  }

  class Reader;
  class Source;

 private:
  int descriptor_;
  std::string directory_;
};

class TemporaryFile::File::Reader final : public ContentReader {
 public:
  explicit Reader(std::shared_ptr<const File> file) : file_(std::move(file)) {}
  std::size_t read(std::span<std::byte> into) override {
    const auto count = file_->read(into, position_);
    position_ += count;
    return count;
  }

 private:
  std::shared_ptr<const File> file_;
  std::uint64_t position_ = 0;
};

class TemporaryFile::File::Source final : public ContentSource {
 public:
  Source(std::shared_ptr<const File> file, std::uint64_t size)
      : file_(std::move(file)), size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<ContentReader> open() const override {
    return std::make_unique<Reader>(file_);
  }

 private:
  std::shared_ptr<const File> file_;
  std::uint64_t size_;
};

TemporaryFile::TemporaryFile(const std::filesystem::path& directory)
    : file_(std::make_shared<File>(directory)) {}

void TemporaryFile::write(std::string_view octets) {
  file_->write(octets);
  size_ += octets.size();
}

Content TemporaryFile::content() const {
  return Content(std::make_shared<File::Source>(file_, size_));
}

}  // namespace postern::mapi
