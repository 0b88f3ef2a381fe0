// A program run beside the test, talked to by lines, ended by its id.
#pragma once

#include <array>
#include <fcntl.h>
#include <optional>
#include <signal.h>
#include <stdexcept>
#include <stdio.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "tests/spawn.h"

namespace postern::store::test {

class ChildProcess {
 public:
  explicit ChildProcess(std::vector<std::string> command) {
    std::array<int, 2> to_child{};
    std::array<int, 2> from_child{};
    if (::pipe2(to_child.data(), O_CLOEXEC) != 0 || ::pipe2(from_child.data(), O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipe");
    }
    id_ = postern::test::spawn(std::move(command),
                               {{to_child[0], STDIN_FILENO}, {from_child[1], STDOUT_FILENO}});
    ::close(to_child[0]);
    ::close(from_child[1]);
    input_ = to_child[1];
    output_ = ::fdopen(from_child[0], "r");
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() {
    kill();
    ::close(input_);
    ::fclose(output_);
  }

  void write_line(std::string line) {
    line += '\n';
    if (::write(input_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      throw std::runtime_error("the child does not read");
    }
  }
  /// Returns nullopt at the end of its output.
  std::optional<std::string> read_line() {
    std::string line;
    for (int c = ::fgetc(output_); c != EOF; c = ::fgetc(output_)) {
      if (c == '\n') return line;
      line += static_cast<char>(c);
    }
    return std::nullopt;  // a line that was cut off was not said
  }
  void kill() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
    id_ = -1;
  }
  [[nodiscard]] pid_t id() const { return id_; }

 private:
  pid_t id_ = -1;
  int input_ = -1;
  FILE* output_ = nullptr;
};

}  // namespace postern::store::test
