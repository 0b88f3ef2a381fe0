// The time at which stepped tests begin.
#pragma once

#include <chrono>

#include "mapi/file_time.h"

namespace postern::spooler::test {

inline const mapi::FileTime start =
    mapi::FileTime::from(std::chrono::system_clock::time_point{std::chrono::hours{10'000}});

}  // namespace postern::spooler::test
