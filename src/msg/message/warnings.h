// Warnings about damage that was left out while a file was read: one sentence each.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace postern::msg {

/// Keeps the first 100 and counts the others, since a hostile file may be damaged in a million
/// places.
class Warnings {
 public:
  void add(std::string sentence);
  /// The sentences; the last one says how many more there were.
  [[nodiscard]] std::vector<std::string> take();

 private:
  std::vector<std::string> sentences_;
  std::size_t left_out_ = 0;
};

}  // namespace postern::msg
