#include "store/sqlite/file_failure.h"

#include <cerrno>
#include <cstring>

namespace postern::store {

mapi::Failure file_failure(const std::string& what, int error) {
  const bool refused = error == EACCES || error == EPERM || error == EROFS;
  const bool full = error == ENOSPC || error == EDQUOT;
  return {refused ? mapi::MAPI_E_NO_ACCESS
          : full  ? mapi::MAPI_E_NOT_ENOUGH_DISK
                  : mapi::MAPI_E_DISK_ERROR,
          what + ": " + std::strerror(error)};
}

}  // namespace postern::store
