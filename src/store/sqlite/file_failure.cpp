#include "store/sqlite/file_failure.h"

#include <cerrno>

namespace postern::store {

mapi::Failure file_failure(const std::string& what, int error) {
  const bool refused = error == EACCES || error == EPERM || error == EROFS;
  const bool full = error == ENOSPC || error == EDQUOT;
  return mapi::system_failure(refused ? mapi::MAPI_E_NO_ACCESS
                              : full  ? mapi::MAPI_E_NOT_ENOUGH_DISK
                                      : mapi::MAPI_E_DISK_ERROR,
                              what, error);
}

}  // namespace postern::store
