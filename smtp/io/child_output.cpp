#include "smtp/io/child_output.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "smtp/io/descriptor_watcher.h"

namespace postern::smtp {
namespace {

/// How often it is asked whether a program has ended. Its output's end does not say so, nor must
/// that come: what a program leaves running may hold it.
constexpr std::chrono::milliseconds poll_interval{20};

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

/// Its ends are closed when it goes.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) check(errno, "pipe");
  }
  ~Pipe() {
    for (const int end : ends_) ::close(end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] int reading() const { return ends_[0]; }
  [[nodiscard]] int writing() const { return ends_[1]; }

 private:
  std::array<int, 2> ends_{};
};

/// What a child is started with; the engine's thread has all signals blocked, which it must not
/// inherit.
class SpawnSettings {
 public:
  explicit SpawnSettings(int output) {
    check(posix_spawn_file_actions_init(&actions), "posix_spawn");
    check(posix_spawnattr_init(&attributes), "posix_spawn");
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    sigset_t none;
    sigemptyset(&none);
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

}  // namespace

ChildOutput::ChildOutput(asio::io_context& context, const std::vector<std::string>& argv) {
  const Pipe pipe;
  asio::posix::stream_descriptor reading = duplicate_for_watching(context, pipe.reading());
  reading.non_blocking(true);
  const SpawnSettings settings(pipe.writing());
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  check(::posix_spawnp(&process_, arguments[0], &settings.actions, &settings.attributes,
                       arguments.data(), environ),
        "posix_spawn");
  output_.emplace(std::move(reading));
}

ChildOutput::~ChildOutput() {
  if (process_ < 0) return;
  ::kill(-process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

asio::awaitable<bool> ChildOutput::run(std::shared_ptr<AsyncEvent> event, const bool& stop,
                                       SteadyTime deadline) {
  for (;;) {
    const bool gone = ended();
    read();  // after its end as well: what it printed last
    if (gone) co_return true;
    const SteadyTime now = std::chrono::steady_clock::now();
    if (stop || now >= deadline) co_return false;
    if (!whole_) output_->watch(event, false);
    co_await event->wait(std::min(deadline, now + poll_interval));
  }
}

void ChildOutput::read() {
  std::array<char, 4096> octets;
  while (!whole_) {
    const ssize_t count = ::read(output_->descriptor(), octets.data(), octets.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count > 0) text_.append(octets.data(), static_cast<std::size_t>(count));
    whole_ = count <= 0 || text_.size() >= max_octets;
  }
}

bool ChildOutput::ended() {
  int status = 0;
  const pid_t reaped = ::waitpid(process_, &status, WNOHANG);
  if (reaped == 0) return false;
  // A program around us that takes all its children's ends leaves no status: the output must do.
  succeeded_ = reaped < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
  process_ = -1;
  return true;
}

}  // namespace postern::smtp
