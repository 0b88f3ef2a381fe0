// Damage: the one exception that reading throws for what is broken inside a file.
//
// It never leaves the room. Whoever reads a part catches it, notes a warning and goes on; where
// nothing can go on it becomes a mapi::Failure that names the file.
#pragma once

#include <stdexcept>

namespace postern::msg {

/// `what()` is a clause without the file's name: "stream '…' is cut short".
class Damage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace postern::msg
