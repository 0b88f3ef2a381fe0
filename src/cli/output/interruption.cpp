#include "cli/output/interruption.h"

#include <atomic>
#include <csignal>

namespace postern::cli {
namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "must be usable in a signal handler");

extern "C" void note_signal(int signal) {
  stop_requested = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_interruptions() {
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
  // Who starts the program by nohup wants it to outlive the terminal.
  if (std::signal(SIGHUP, note_signal) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
}

bool interrupted() {
  return stop_requested;
}

}  // namespace postern::cli
