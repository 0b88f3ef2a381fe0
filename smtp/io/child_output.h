// A program that is run for the sake of what it prints, without blocking the thread.
//
// Its standard input is empty and its standard error goes nowhere, since it may hold secrets. It
// gets no descriptor of ours and a process group of its own, which is killed when this object ends
// before it does.
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

  /// `argv`: the program, looked up in PATH, and its arguments. Throws std::system_error where it
  /// cannot be started; base/resource_exhaustion.h tells whether it may be later.
  ChildOutput(asio::io_context& context, const std::vector<std::string>& argv);
  ~ChildOutput();
  ChildOutput(const ChildOutput&) = delete;
  ChildOutput& operator=(const ChildOutput&) = delete;

  /// Waits for its end until the deadline, or until `stop` has become true and the event is
  /// raised. True: it has ended.
  asio::awaitable<bool> run(std::shared_ptr<AsyncEvent> event, const bool& stop,
                            SteadyTime deadline);

  /// Of a program that has ended: whether it did so with status 0.
  [[nodiscard]] bool succeeded() const { return succeeded_; }
  /// What it printed, at most `max_octets`; more is not taken.
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
