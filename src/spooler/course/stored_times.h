// Which stored times are believed: the clock may have been wrong when they were stored.
//
// No thread, clock or I/O. Never throws.
#pragma once

#include <chrono>

#include "mapi/store_tables.h"
#include "spooler/retry_schedule.h"

namespace postern::spooler {

/// The longest time that a message can be held for its next attempt. `suspension`: of a transport.
std::chrono::milliseconds longest_hold(const RetrySchedule& retry,
                                       std::chrono::milliseconds suspension);

/// Whether the message is held for an attempt that no schedule can have set so far off. What its
/// sender or an operator wants to wait is none of them.
bool is_held_too_long(const mapi::OutgoingQueueRow& row, std::chrono::milliseconds longest,
                      mapi::FileTime now);

}  // namespace postern::spooler
