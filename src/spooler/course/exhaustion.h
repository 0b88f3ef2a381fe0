// The back-off of the spooler when a resource is exhausted (descriptors, threads, memory, disk) or
// the store is busy: nothing is begun for a pause, longer each time in a row, and operators are
// told once.
//
// No clock. Never throws anything but std::bad_alloc. Threads: one thread at a time; the spooler
// holds its mutex.
#pragma once

#include <chrono>
#include <map>
#include <optional>

#include "mapi/error.h"
#include "mapi/file_time.h"

namespace postern::spooler {

/// Another spooler has the message now: this one's session with the store was away for too long.
[[nodiscard]] inline bool is_lost_lock(mapi::Code code) {
  return code == mapi::MAPI_E_OBJECT_CHANGED;
}

/// The store as a whole cannot be relied on: verdicts would be lost, and sending on would send
/// twice.
[[nodiscard]] inline bool is_of_the_store(mapi::Code code) {
  return code == mapi::MAPI_E_DISK_ERROR || code == mapi::MAPI_E_NO_ACCESS;
}

class ExhaustionBackoff {
 public:
  /// The same resource is reported again after this time.
  static constexpr std::chrono::hours repeat_interval{1};

  /// A pause takes `first`, then twice as long each time, at most `longest`.
  ExhaustionBackoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest) {}

  /// `lack`: what is exhausted. Returns whether that is to be reported. During a pause it begins no
  /// further one.
  bool on_exhausted(mapi::Code lack, mapi::FileTime now);
  /// The end of the pause; nullopt if there is none now.
  [[nodiscard]] std::optional<mapi::FileTime> paused_until(mapi::FileTime now) const;
  /// Ends the pause before its time; the next one is as short as the first.
  void end_pause();
  /// What failed has succeeded. Returns whether that is to be reported.
  bool recovered();

 private:
  const std::chrono::milliseconds first_;
  const std::chrono::milliseconds longest_;
  int times_ = 0;  ///< in a row
  mapi::FileTime until_{};
  std::map<mapi::Code, mapi::FileTime> told_;
  bool is_told_ = false;  ///< that something is exhausted, and not yet that it is over
};

}  // namespace postern::spooler
