#include "cli/output/exit_status.h"

namespace postern::cli {

ExitStatus exit_status_of(mapi::Code code) {
  switch (code) {
    case mapi::MAPI_E_NOT_FOUND:
      return no_input;
    case mapi::MAPI_E_NO_ACCESS:
      return no_permission;
    case mapi::MAPI_E_BUSY:
    case mapi::MAPI_E_NETWORK_ERROR:
      return temporary_failure;
    case mapi::MAPI_E_NOT_ENOUGH_DISK:
    case mapi::MAPI_E_DISK_ERROR:
      return io_error;
    case mapi::MAPI_E_INVALID_ENTRYID:
    case mapi::MAPI_E_UNKNOWN_FLAGS:
      return usage_error;
    case mapi::MAPI_E_NOT_ENOUGH_MEMORY:
    case mapi::MAPI_E_NOT_ENOUGH_RESOURCES:
      return os_error;
    case mapi::MAPI_E_CALL_FAILED:
      return software_error;
    default:
      return data_error;
  }
}

}  // namespace postern::cli
