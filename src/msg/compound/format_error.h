// FormatError: what reading throws for what is broken inside a file.
//
// It never leaves the room. Whoever reads a part catches it, notes a warning and goes on; where
// nothing can go on, and for TooComplex always, it becomes a mapi::Failure that names the file.
#pragma once

#include <stdexcept>

namespace postern::msg {

/// `what()` is a clause without the file's name: "stream '…' is cut short".
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A limit of §1.5 is exceeded: no part of such a file is to be trusted.
class TooComplex : public FormatError {
 public:
  using FormatError::FormatError;
};

}  // namespace postern::msg
