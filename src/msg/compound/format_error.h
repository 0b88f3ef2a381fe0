// FormatError: thrown for damage inside a file that is read.
//
// It never leaves the room. The reader of a part catches it, tells a loss and goes on; if that is
// impossible, and always for TooComplex, it becomes a mapi::Failure that names the file.
#pragma once

#include <stdexcept>

namespace postern::msg {

/// `what()` is a clause without the file's name: "stream '…' is cut short".
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A limit of §1.5 is exceeded: the whole file is refused.
class TooComplex : public FormatError {
 public:
  using FormatError::FormatError;
};

}  // namespace postern::msg
