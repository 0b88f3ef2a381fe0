// A line of progress on a terminal, rewritten in place; nothing at all where stderr is none.
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
