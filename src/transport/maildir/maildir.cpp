#include "transport/maildir/maildir.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <span>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace postern::transport {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.native());
}

/// An open file or directory.
class OpenFile {
 public:
  OpenFile(fs::path path, int flags)
      : path_(std::move(path)), descriptor_(::open(path_.c_str(), flags | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) fail(path_);
  }
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  void write(std::string_view octets) const {
    while (!octets.empty()) {
      const ssize_t written = ::write(descriptor_, octets.data(), octets.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(path_);
      octets.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void sync() const {
    if (::fsync(descriptor_) != 0) fail(path_);
  }
  /// Some file systems say only now that the disk is full.
  void close() {
    if (::close(std::exchange(descriptor_, -1)) != 0) fail(path_);
  }

 private:
  const fs::path path_;
  int descriptor_;
};

void sync_directory(const fs::path& directory) {
  OpenFile(directory, O_RDONLY | O_DIRECTORY).sync();
}

void make_directory(const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0) return sync_directory(directory.parent_path());
  if (errno != EEXIST) fail(directory);
}

/// A file in tmp; removed when it goes before it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path)
      : path_(without_predecessor(std::move(path))), file_(path_, O_WRONLY | O_CREAT | O_EXCL) {}
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view octets) const { file_.write(octets); }
  void rename_to(const fs::path& path) {
    file_.sync();
    file_.close();
    if (::rename(path_.c_str(), path.c_str()) != 0) fail(path);
    path_.clear();
  }

 private:
  /// A crash may have left one behind.
  static fs::path without_predecessor(fs::path path) {
    ::unlink(path.c_str());
    return path;
  }

  fs::path path_;
  OpenFile file_;
};

/// Copies the content with LF where it has CRLF.
void write_lines(const TemporaryFile& file, const mapi::Content& content) {
  const auto reader = content.open();
  std::array<std::byte, 65536> block;
  std::string out;
  bool after_cr = false;
  while (const auto count = reader->read(block)) {
    out.clear();
    for (const std::byte octet : std::span(block).first(count)) {
      const char character = static_cast<char>(octet);
      if (after_cr && character != '\n') out += '\r';
      after_cr = character == '\r';
      if (!after_cr) out += character;
    }
    file.write(out);
  }
  if (after_cr) file.write("\r");
}

/// Whether the file is there under the name, or under it with flags (":2,S").
bool has_flagged(const fs::path& directory, const std::string& name) {
  std::error_code error;
  for (fs::directory_iterator file(directory, error), end; !error && file != end;
       file.increment(error)) {
    const auto found = file->path().filename().native();
    if (found.starts_with(name) && (found.size() == name.size() || found[name.size()] == ':')) {
      return true;
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw std::system_error(error, directory.native());
  }
  return false;
}

}  // namespace

bool Maildir::holds(const std::string& name, bool look_in_cur) const {
  struct stat found {};
  if (::lstat((directory_ / "new" / name).c_str(), &found) == 0) {
    sync_directory(directory_ / "new");  // a crash may have come before
    return true;
  }
  if (errno != ENOENT) fail(directory_ / "new");
  return look_in_cur && has_flagged(directory_ / "cur", name);
}

void Maildir::deliver(const std::string& name, std::string_view header,
                      const mapi::Content& content) const {
  make();
  TemporaryFile file(directory_ / "tmp" / name);
  file.write(header);
  write_lines(file, content);
  file.rename_to(directory_ / "new" / name);
  sync_directory(directory_ / "new");
}

void Maildir::make() const {
  struct stat found {};
  // Made last, so where it is the others are.
  if (::stat((directory_ / "new").c_str(), &found) == 0) return;
  if (::stat(base_.c_str(), &found) != 0) fail(base_);
  fs::path directory = base_;
  for (const auto& part : mailbox_) make_directory(directory /= part);
  for (const auto* part : {"tmp", "cur", "new"}) make_directory(directory / part);
}

}  // namespace postern::transport
