// Runs a program and reads its standard output, without blocking the thread.
//
// The program's standard input is empty and its standard error is discarded, since it may contain
// secrets. It inherits no other descriptor and gets a process group of its own, which is killed if
// this object is destroyed before the program has ended.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "smtp/io/descriptor_watcher.h"

namespace postern::smtp {

class ChildOutput {
 public:
  static constexpr std::size_t max_octets = std::size_t{64} * 1024;

  /// `argv`: the program, looked up in PATH, and its arguments. Throws std::system_error if it
  /// cannot be started; base/resource_exhaustion.h says whether that is temporary.
  ChildOutput(asio::io_context& context, const std::vector<std::string>& argv);
  ~ChildOutput();
  ChildOutput(const ChildOutput&) = delete;
  ChildOutput& operator=(const ChildOutput&) = delete;

  /// Waits for its end until the deadline, or until `stop` has become true and the event is set.
  /// Returns true if it has ended.
  asio::awaitable<bool> run(std::shared_ptr<AsyncEvent> event, const bool& stop,
                            SteadyTime deadline);

  /// Of a program that has ended: whether it did so with status 0.
  [[nodiscard]] bool succeeded() const { return succeeded_; }
  /// Its output, at most `max_octets`; the rest is not read.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void read();
  bool ended();

  pid_t process_ = -1;  ///< -1: reaped
  bool succeeded_ = false;
  std::string text_;
  bool whole_ = false;
  std::optional<DescriptorWatcher> output_;
};

}  // namespace postern::smtp
