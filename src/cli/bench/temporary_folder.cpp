#include "cli/bench/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "mapi/error.h"

namespace postern::cli {
namespace {

mapi::Failure not_made(const std::filesystem::path& place, int error) {
  const std::string directory = "the directory '" + place.string() + "'";
  std::error_code unknown;
  if (!std::filesystem::is_directory(place, unknown) && error != EACCES) {
    return {mapi::MAPI_E_NOT_FOUND,
            "there is no directory '" + place.string() + "' in which a store could be measured"};
  }
  switch (error) {
    case EACCES:
    case EPERM:
      return {mapi::MAPI_E_NO_ACCESS, directory + " does not allow this user to write into it"};
    case EROFS:
      return {mapi::MAPI_E_NO_ACCESS, directory + " is on a file system that can only be read"};
    case ENOSPC:
    case EDQUOT:
      return {mapi::MAPI_E_NOT_ENOUGH_DISK,
              "the disk of " + directory + " is full; free some space there"};
    default:
      return mapi::system_failure(mapi::MAPI_E_DISK_ERROR, "nothing can be made in " + directory,
                                  error);
  }
}

}  // namespace

TemporaryFolder::TemporaryFolder(const std::filesystem::path& place) {
  std::string name = (place / "postern-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw not_made(place, errno);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::uint64_t TemporaryFolder::room() const {
  std::error_code unknown;
  const auto space = std::filesystem::space(path_, unknown);
  return unknown ? 0 : space.available / part;
}

}  // namespace postern::cli
