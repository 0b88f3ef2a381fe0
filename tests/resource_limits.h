// The process's limits, lowered by a test: of descriptors for as long as it likes, of threads in a
// child process.
#pragma once

#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace postern::test {

/// So many more descriptors can be opened, and those used again that are closed, from `begin` to
/// `end`; the lowest that is free must have no free one below it that is used meanwhile.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(int more = 0) : more_(more) {}
  ~DescriptorLimit() { end(); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

  void begin() {
    ::getrlimit(RLIMIT_NOFILE, &usual_);
    const int free = ::dup(STDIN_FILENO);
    if (free < 0) throw std::runtime_error("no descriptor is left");
    ::close(free);
    set({static_cast<rlim_t>(free + more_), usual_.rlim_max});
    begun_ = true;
  }
  void end() {
    if (begun_) set(usual_);
    begun_ = false;
  }

 private:
  static void set(const rlimit& limit) {
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) std::abort();
  }
  const int more_;
  bool begun_ = false;
  rlimit usual_{};
};

/// Ends the child process it is called in: with 0 if `work` gives true where it may have so many
/// threads beside its own.
[[noreturn]] inline void exit_with_threads(int threads, const std::function<bool()>& work) {
  // The limit counts all threads of the user: two tests that run at once need a user each.
  const auto nobody_elses = static_cast<uid_t>(30'000 + ::getpid() % 30'000);
  const rlimit limit{static_cast<rlim_t>(threads + 1), static_cast<rlim_t>(threads + 1)};
  if (::setuid(nobody_elses) != 0 || ::setrlimit(RLIMIT_NPROC, &limit) != 0) std::_Exit(2);
  std::_Exit(work() ? 0 : 1);
}

}  // namespace postern::test

/// Ends the test, from its body, where a child of it cannot become another user.
#define POSTERN_NEEDS_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a child process a user of its own"

/// Ends the test, from its body, where the sanitizer itself cannot do without descriptors.
#ifdef POSTERN_ADDRESS_SANITIZER
#define POSTERN_NEEDS_DESCRIPTORS() \
  GTEST_SKIP() << "UndefinedBehaviorSanitizer reads objects through a pipe of its own"
#else
#define POSTERN_NEEDS_DESCRIPTORS() static_cast<void>(0)
#endif
