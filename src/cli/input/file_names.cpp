#include "cli/input/file_names.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <span>
#include <unistd.h>
#include <utility>

#include "cli/input/descriptor_reader.h"
#include "cli/input/message_file.h"
#include "mapi/error.h"

namespace postern::cli {

FileNames::FileNames(std::vector<std::string> given, const std::optional<std::string>& list)
    : given_(std::move(given)) {
  if (!list) return;
  if (*list == standard_input) {
    descriptor_ = STDIN_FILENO;
    list_ = read_descriptor(descriptor_, false, "the list of files, standard input,");
    return;
  }
  descriptor_ = ::open(list->c_str(), O_RDONLY | O_CLOEXEC);
  auto name = "the list of files '" + *list + "'";
  if (descriptor_ < 0) {
    throw mapi::system_failure(mapi::MAPI_E_NOT_FOUND, name + " cannot be opened", errno);
  }
  list_ = read_descriptor(descriptor_, true, std::move(name));
}

std::optional<std::string> FileNames::next() {
  if (next_given_ < given_.size()) return given_[next_given_++];
  while (auto line = next_line()) {
    if (line->empty()) continue;
    // In a list it is a file of that name.
    return *line == standard_input ? "./-" : *std::move(line);
  }
  return std::nullopt;
}

bool FileNames::is_ready() const {
  if (next_given_ < given_.size() || !list_ || read_.find('\n') != std::string::npos) {
    return true;
  }
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
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
  if (!list_) return false;
  std::array<char, 4096> some{};
  const auto count = list_->read(std::as_writable_bytes(std::span(some)));
  read_.append(some.data(), count);
  if (count == 0) list_.reset();
  return count != 0;
}

}  // namespace postern::cli
