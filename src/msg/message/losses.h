// What was damaged or guessed while a file was read.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mapi/loss.h"

namespace postern::msg {

/// Keeps the first 100 and counts the others, since a hostile file may be damaged in a million
/// places.
class Losses {
 public:
  void add(mapi::Loss loss);
  /// `where`: "attachment 2: recipient 1: "; empty for the message itself.
  void tell(mapi::LossKind kind, const std::string& where, const std::string& sentence);
  /// What was added; the last one says how many more there were.
  [[nodiscard]] std::vector<mapi::Loss> take();

 private:
  std::vector<mapi::Loss> losses_;
  std::size_t left_out_ = 0;
};

}  // namespace postern::msg
