#include "cli/bench/disk.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "cli/output/interruption.h"
#include "mapi/error.h"

namespace postern::cli {
namespace {

using std::chrono::steady_clock;

/// A file that is removed with this object.
class AppendedFile {
 public:
  explicit AppendedFile(std::filesystem::path path)
      : path_(std::move(path)),
        descriptor_(::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC,
                           S_IRUSR | S_IWUSR)) {
    if (descriptor_ < 0) fail("be made");
  }
  ~AppendedFile() {
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  AppendedFile(const AppendedFile&) = delete;
  AppendedFile& operator=(const AppendedFile&) = delete;

  void append(std::string_view octets) {
    while (!octets.empty()) {
      const auto written = ::write(descriptor_, octets.data(), octets.size());
      if (written < 0 && errno != EINTR) fail("be written");
      if (written > 0) octets.remove_prefix(static_cast<std::size_t>(written));
    }
    while (::fdatasync(descriptor_) != 0) {
      if (errno != EINTR) fail("be synced");
    }
  }
  void clear() {
    if (::ftruncate(descriptor_, 0) != 0) fail("be cut");
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    const bool is_full = errno == ENOSPC || errno == EDQUOT;
    if (is_full) {
      throw mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_DISK,
                          "the disk of the directory '" +
                              path_.parent_path().parent_path().string() +
                              "' is full; free some space there");
    }
    throw mapi::system_failure(mapi::MAPI_E_DISK_ERROR,
                               "the file '" + path_.string() + "' cannot " + what, errno);
  }

  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace

Timings measure_syncs(const TemporaryFolder& folder, std::size_t octets,
                      std::chrono::nanoseconds time) {
  constexpr std::uint64_t usual_most = std::uint64_t{64} << 20;
  const std::uint64_t most = std::min(usual_most, folder.room());
  const std::string block(octets, 'x');
  AppendedFile file(folder.path() / "appended");
  Durations each;
  std::chrono::nanoseconds spent{0};
  std::uint64_t size = 0;
  while ((spent < time || each.empty()) && !interrupted()) {
    if (size > 0 && size + octets > most) {
      file.clear();
      size = 0;
    }
    const auto start = steady_clock::now();
    file.append(block);
    each.emplace_back(steady_clock::now() - start);
    spent += each.back();
    size += octets;
  }
  return timings_of(each);
}

}  // namespace postern::cli
