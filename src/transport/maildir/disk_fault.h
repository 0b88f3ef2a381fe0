// What an error of the file system means for a recipient.
#pragma once

#include <chrono>
#include <system_error>

#include "base/outcome.h"

namespace postern::transport {

struct DiskFault {
  Outcome outcome;
  /// If an operator has to act: when to try again. 0: the recipient's own trouble, which the
  /// spooler's schedule is for.
  std::chrono::seconds pause{0};
};

/// For an error that is no exhausted resource of this process.
DiskFault disk_fault(const std::system_error& error);

}  // namespace postern::transport
