// A progress line on stderr, rewritten in place; no output if stderr is no terminal.
#pragma once

#include <string>

namespace postern::cli {

class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  ///< clears the line
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const std::string& text);
  void clear();

 private:
  bool terminal_;
  std::string shown_;
};

}  // namespace postern::cli
