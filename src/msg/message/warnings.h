// What was damaged and left out while a file was read: sentences for a person.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace postern::msg {

/// Keeps the first 100 and counts the others: a hostile file may be broken in a million places.
class Warnings {
 public:
  void add(std::string sentence);
  /// The sentences; the last one tells how many more there were.
  [[nodiscard]] std::vector<std::string> take();

 private:
  std::vector<std::string> sentences_;
  std::size_t left_out_ = 0;
};

}  // namespace postern::msg
