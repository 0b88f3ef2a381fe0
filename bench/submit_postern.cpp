// How many messages a second are made durable by several threads that each wait for theirs: by
// Postern's store, or, to hold that against, by a file to which the same octets are appended, one
// fdatasync for each or one for all that wait.
//
// Prints the seconds that it took.
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <fcntl.h>
#include <functional>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/command_line.h"
#include "bench/control.h"
#include "bench/queued_message.h"
#include "session/store_support.h"
#include "store/open_store.h"

namespace {

using namespace postern;

struct SubmitOptions {
  std::string store;
  std::string file;
  bool together = false;
  std::size_t messages = 2000;
  std::size_t octets = 2048;
  std::size_t threads = 10;
};

SubmitOptions parse(int argc, char** argv) {
  SubmitOptions options;
  CLI::App program{"How many messages a second are made durable"};
  auto* store = program.add_option("--store", options.store);
  program.add_option("--file", options.file, "Append to it instead")->excludes(store);
  program.add_flag("--together", options.together, "One fdatasync for all threads that wait");
  program.add_option("--messages", options.messages);
  program.add_option("--octets", options.octets);
  program.add_option("--threads", options.threads)->check(CLI::PositiveNumber);
  bench::parse_or_exit(program, argc, argv);
  return options;
}

/// A file to which several threads append. All throw std::system_error.
class Appended {
 public:
  explicit Appended(const std::string& path)
      : file_(::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {
    require(file_ >= 0);
  }
  ~Appended() { ::close(file_); }
  Appended(const Appended&) = delete;
  Appended& operator=(const Appended&) = delete;

  void append_alone(const std::string& octets) {
    const std::lock_guard guard(mutex_);
    write(octets);
    require(::fdatasync(file_) == 0);
  }

  /// Whoever finds no sync under way makes one, for all that was appended before it.
  void append_together(const std::string& octets) {
    std::unique_lock lock(mutex_);
    write(octets);
    const auto mine = ++appended_;
    while (synced_ < mine) {
      if (is_syncing_) {
        ended_.wait(lock);
        continue;
      }
      is_syncing_ = true;
      const auto all = appended_;
      lock.unlock();
      const bool done = ::fdatasync(file_) == 0;
      lock.lock();
      is_syncing_ = false;
      require(done);
      synced_ = all;
      ended_.notify_all();
    }
  }

 private:
  static void require(bool done) {
    if (!done) throw std::system_error(errno, std::generic_category(), "the file");
  }
  void write(const std::string& octets) const {
    require(::write(file_, octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()));
  }

  int file_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::uint64_t appended_ = 0;
  std::uint64_t synced_ = 0;
  bool is_syncing_ = false;
};

void append_all(const SubmitOptions& options) {
  Appended file(options.file);
  const std::string octets(options.octets, 'x');
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < options.threads; ++i) {
    threads.emplace_back([&] {
      for (std::size_t n = 0; n < options.messages / options.threads; ++n) {
        options.together ? file.append_together(octets) : file.append_alone(octets);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int run(const SubmitOptions& options) {
  double seconds = 0;
  if (options.store.empty()) {
    seconds = seconds_of([&] { append_all(options); });
  } else {
    session::DefaultStoreSupport support;
    const auto provider = store::open_store(options.store, support);
    const auto client = provider->logon();
    const auto message = bench::queued_message(options.octets);
    seconds =
        seconds_of([&] { bench::submit_all(*client, message, options.messages, options.threads); });
  }
  fmt::print("{:.6f}\n", seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_program(
      "submit_postern", [](int count, char** words) { return run(parse(count, words)); }, argc,
      argv);
}
