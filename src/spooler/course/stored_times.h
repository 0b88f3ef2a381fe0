// Which stored times are believed: the clock may have been wrong when they were stored.
//
// No thread, clock or I/O. Never throws.
#pragma once

#include <chrono>

#include "spooler/retry_schedule.h"

namespace postern::spooler {

/// The longest time that a message can be held for its next attempt. `suspension`: of a transport.
std::chrono::milliseconds longest_hold(const RetrySchedule& retry,
                                       std::chrono::milliseconds suspension);

}  // namespace postern::spooler
