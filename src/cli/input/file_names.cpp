#include "cli/input/file_names.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "mapi/error.h"

namespace postern::cli {
namespace {

constexpr const char* standard_input_name = "-";

}  // namespace

FileNames::FileNames(std::vector<std::string> given, const std::optional<std::string>& list)
    : given_(std::move(given)) {
  if (!list) return;
  const bool is_standard_input = *list == standard_input_name;
  list_name_ = is_standard_input ? "standard input" : "'" + *list + "'";
  list_ = is_standard_input ? ::dup(STDIN_FILENO) : ::open(list->c_str(), O_RDONLY | O_CLOEXEC);
  if (list_ < 0) {
    throw mapi::system_failure(mapi::MAPI_E_NOT_FOUND,
                               "the list of files " + list_name_ + " cannot be opened", errno);
  }
}

FileNames::~FileNames() {
  if (list_ >= 0) ::close(list_);
}

std::optional<std::string> FileNames::next() {
  if (next_given_ < given_.size()) return given_[next_given_++];
  while (auto line = next_line()) {
    if (line->empty()) continue;
    // In a list it is a file of that name.
    return *line == standard_input_name ? "./-" : *std::move(line);
  }
  return std::nullopt;
}

bool FileNames::is_ready() const {
  if (next_given_ < given_.size() || list_ < 0 || read_.find('\n') != std::string::npos) {
    return true;
  }
  pollfd waiting{.fd = list_, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) != 0;
}

/// The last line needs no end.
std::optional<std::string> FileNames::next_line() {
  auto end = read_.find('\n');
  while (end == std::string::npos && read_more()) end = read_.find('\n');
  if (read_.empty()) return std::nullopt;
  auto line = read_.substr(0, end);
  read_.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

bool FileNames::read_more() {
  if (list_ < 0) return false;
  std::array<char, 4096> some{};
  const auto count = ::read(list_, some.data(), some.size());
  if (count < 0 && errno == EINTR) return true;
  if (count < 0) {
    throw mapi::system_failure(mapi::MAPI_E_NOT_FOUND,
                               "the list of files " + list_name_ + " cannot be read", errno);
  }
  read_.append(some.data(), static_cast<std::size_t>(count));
  if (count == 0) ::close(std::exchange(list_, -1));
  return count != 0;
}

}  // namespace postern::cli
