// Who runs the spooler's work: threads, or a test that steps it.
#pragma once

#include <functional>

#include "mapi/file_time.h"

namespace postern::spooler {

/// Runs pieces of work. Threads: `run` may be called from any.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs it soon, not within this call. It does not throw.
  virtual void run(std::function<void()> work) = 0;
};

/// What time it is.
using Clock = std::function<mapi::FileTime()>;

}  // namespace postern::spooler
