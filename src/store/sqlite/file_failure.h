// Failures of files the store keeps beside its database.
#pragma once

#include <string>

#include "mapi/error.h"

namespace postern::store {

/// `what` and the system's word for `error` (an errno) as one sentence: MAPI_E_NO_ACCESS,
/// MAPI_E_NOT_ENOUGH_DISK, another lack's code or MAPI_E_DISK_ERROR.
mapi::Failure file_failure(const std::string& what, int error);

}  // namespace postern::store
