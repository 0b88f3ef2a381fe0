// What was thrown by a store, a transport or a preprocessor, as a failure.
#pragma once

#include <exception>

#include "mapi/error.h"

namespace postern::spooler {

/// MAPI_E_CALL_FAILED where it is neither a failure nor a lack of a resource.
mapi::Failure as_failure(const std::exception_ptr& thrown);

}  // namespace postern::spooler
