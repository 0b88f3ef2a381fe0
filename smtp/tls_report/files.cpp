#include "smtp/tls_report/files.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "smtp/dns/domain_name.h"
#include "smtp/tls_report/json.h"

namespace postern::smtp {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 16U << 20U;

/// Held by one process at a time; the system releases it if the process dies.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::string& directory)
      : descriptor_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) != 0) {
      if (errno == EINTR) continue;
      const int error = errno;
      ::close(descriptor_);
      throw std::system_error(error, std::generic_category(), directory);
    }
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), directory);
  }
  ~DirectoryLock() { ::close(descriptor_); }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int descriptor_;
};

/// Removes reports only: other files stay, and the directory with them.
void remove_reports(const fs::path& directory) {
  std::error_code gone_already;
  for (const auto& entry : fs::directory_iterator(directory, gone_already)) {
    const auto extension = entry.path().extension();
    if (extension == ".json" || extension == ".new") fs::remove(entry.path(), gone_already);
  }
  fs::remove(directory, gone_already);
}

std::size_t files_in(const std::string& directory) {
  const fs::directory_iterator files(directory);
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

}  // namespace

TlsReportFiles::TlsReportFiles(std::string directory, std::string organization)
    : directory_(std::move(directory)), organization_(std::move(organization)) {
  demand_directory(directory_, "TLS reports");
}

std::string TlsReportFiles::day_directory(TlsReport::Day day) const {
  return fmt::format("{}/{}", directory_, date_text(day));
}

std::string TlsReportFiles::file_of(TlsReport::Day day, const std::string& domain) const {
  return fmt::format("{}/{}.json", day_directory(day), domain);
}

std::optional<TlsReport::Domain> TlsReportFiles::read(TlsReport::Day day,
                                                      const std::string& domain) const {
  if (!is_host_name(domain)) return std::nullopt;  // or it might lead elsewhere
  const auto content = read_file(file_of(day, domain), largest_file);
  return content ? read_tls_report(*content) : std::nullopt;
}

void TlsReportFiles::add(const TlsReport::Days& days) const {
  if (days.empty()) return;
  const DirectoryLock lock(directory_);
  for (const auto& [day, domains] : days) add_day(day, domains);
  forget_old_days();
}

void TlsReportFiles::add_day(TlsReport::Day day, const TlsReport::Domains& domains) const {
  demand_directory(day_directory(day), "TLS reports");
  std::size_t files = files_in(day_directory(day));
  for (const auto& [name, fresh] : domains) {
    if (!is_host_name(name)) continue;
    auto kept = read(day, name);
    if (!kept && files++ >= TlsReport::max_domains) continue;
    TlsReport::Domain all = std::move(kept).value_or(TlsReport::Domain());
    merge(all, fresh);
    const TlsReporter reporter{
        organization_, {}, fmt::format("{}.{}@{}", date_text(day), name, organization_)};
    replace_file(file_of(day, name), write_tls_report(day, all, reporter));
  }
}

void TlsReportFiles::forget_old_days() const {
  std::map<TlsReport::Day, fs::path> days;
  for (const auto& entry : fs::directory_iterator(directory_)) {
    if (const auto day = parse_date(entry.path().filename().string())) {
      days.emplace(*day, entry.path());
    }
  }
  while (days.size() > TlsReport::max_days) {
    remove_reports(days.begin()->second);
    days.erase(days.begin());
  }
}

}  // namespace postern::smtp
