// A process that is run beside the test, until it is killed; what it prints is read line by line.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace postern::kill {

class Child {
 public:
  /// Throws std::runtime_error if it cannot be run.
  explicit Child(std::vector<std::string> command);
  ~Child();  ///< kills it
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// To wait for more of its output, or its end.
  [[nodiscard]] int descriptor() const { return output_; }
  /// What it has printed since the last call: whole lines only.
  std::vector<std::string> read_lines();
  /// Whether it has ended, and all that it has printed was read.
  [[nodiscard]] bool has_ended() const { return is_at_end_; }

  void kill();
  /// Waits for the end of the process: "" if it was killed, else how it has ended.
  [[nodiscard]] std::string end();

 private:
  pid_t id_ = -1;
  int output_ = -1;
  bool is_at_end_ = false;
  std::string rest_;  ///< of a line that has not come to its end
};

}  // namespace postern::kill
