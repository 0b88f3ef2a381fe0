// The exception for errors of the command line.
#pragma once

#include <stdexcept>

namespace postern::cli {

/// One sentence about what is wrong with the command line: exit status 64.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace postern::cli
