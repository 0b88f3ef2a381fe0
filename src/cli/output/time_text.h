// Times for people (local) and machines (RFC 3339, UTC).
#pragma once

#include <string>

#include "mapi/file_time.h"

namespace postern::cli {

std::string local_time(mapi::FileTime time);  ///< "2026-11-21 05:12:33"
std::string iso_time(mapi::FileTime time);    ///< "2026-11-21T04:12:33Z"

}  // namespace postern::cli
