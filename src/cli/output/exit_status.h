// Exit statuses of the program: 0-2 are the result for the mail, 64 and up those of sysexits.h.
#pragma once

#include "mapi/error.h"

namespace postern::cli {

enum ExitStatus : int {
  all_delivered = 0,  ///< or done, for commands that do not send
  some_failed = 1,
  still_queued = 2,
  usage_error = 64,
  data_error = 65,
  no_input = 66,
  no_user = 67,
  service_unavailable = 69,  ///< no spooler runs that could be asked
  software_error = 70,
  os_error = 71,  ///< descriptors, threads or memory have run out
  cannot_create = 73,
  io_error = 74,
  temporary_failure = 75,
  no_permission = 77,
};

/// The status for a failed call.
ExitStatus exit_status_of(mapi::Code code);

}  // namespace postern::cli
