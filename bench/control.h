// The protocol between the benchmarks' servers and their driver: one line in on standard input, one
// line out on standard output. A server ends when its standard input does, so none outlives its
// driver.
#pragma once

#include <cstdio>
#include <exception>
#include <string>
#include <unistd.h>

namespace postern::bench {

/// Sends a line to the driver, unbuffered.
inline void tell_driver(const std::string& line) {
  std::fputs((line + '\n').c_str(), stdout);
  std::fflush(stdout);
}

/// Reads the driver's lines.
class DriverLines {
 public:
  /// One read of standard input; calls `obey` for each whole line. Returns false at its end.
  template <typename Obey>
  bool read(Obey obey) {
    char block[256];
    const ssize_t got = ::read(STDIN_FILENO, block, sizeof block);
    if (got <= 0) return false;
    text_.append(block, static_cast<std::size_t>(got));
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      obey(text_.substr(0, end));
      text_.erase(0, end + 1);
    }
    return true;
  }

 private:
  std::string text_;
};

/// main() of a program of the benchmarks: what `run` returns; 1 and one line for what it throws.
template <typename Run>
int run_program(const char* name, Run run, int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
}

}  // namespace postern::bench
