// Failures of the files beside the store's database.
#pragma once

#include <string>

#include "mapi/error.h"

namespace postern::store {

/// `what` and the system's text for `error` (an errno) as one sentence: MAPI_E_NO_ACCESS,
/// MAPI_E_NOT_ENOUGH_DISK, the code of another exhausted resource, or MAPI_E_DISK_ERROR.
mapi::Failure file_failure(const std::string& what, int error);

}  // namespace postern::store
