#include "tests/kill/child.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <signal.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "tests/spawn.h"

namespace postern::kill {

Child::Child(std::vector<std::string> command) {
  std::array<int, 2> from_child{};
  if (::pipe2(from_child.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  ::fcntl(from_child[0], F_SETFL, O_NONBLOCK);
  output_ = from_child[0];
  try {
    id_ = test::spawn(std::move(command), {{from_child[1], STDOUT_FILENO}});
  } catch (const std::runtime_error&) {
    ::close(from_child[1]);
    ::close(output_);
    throw;
  }
  ::close(from_child[1]);
}

Child::~Child() {
  kill();
  static_cast<void>(end());
  ::close(output_);
}

std::vector<std::string> Child::read_lines() {
  std::vector<std::string> lines;
  std::array<char, 4096> block{};
  while (!is_at_end_) {
    const auto count = ::read(output_, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    is_at_end_ = count == 0;
    rest_.append(block.data(), static_cast<std::size_t>(count));
  }
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
    lines.push_back(rest_.substr(0, end));
    rest_.erase(0, end + 1);
  }
  return lines;
}

/// Never with an id that is no process's: -1 would be every process of the machine.
void Child::kill() {
  if (id_ > 0) ::kill(id_, SIGKILL);
}

std::string Child::end() {
  if (id_ <= 0) return {};
  int status = 0;
  ::waitpid(id_, &status, 0);
  id_ = -1;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return {};
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace postern::kill
