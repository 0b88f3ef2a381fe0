// How fast a disk takes octets for good.
#pragma once

#include <chrono>
#include <cstddef>

#include "cli/bench/temporary_folder.h"
#include "cli/bench/timings.h"

namespace postern::cli {

/// Appends so many octets to a file again and again, each time with fdatasync, until the time is
/// over or the program is interrupted. The file is removed. Throws mapi::Failure:
/// MAPI_E_NOT_ENOUGH_DISK, MAPI_E_DISK_ERROR.
Timings measure_syncs(const TemporaryFolder& folder, std::size_t octets,
                      std::chrono::nanoseconds time);

}  // namespace postern::cli
