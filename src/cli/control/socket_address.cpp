#include "cli/control/socket_address.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include "mapi/error.h"

namespace postern::cli {
namespace {

/// A store that is named by a symbolic link has one socket all the same.
std::filesystem::path real_path(const std::filesystem::path& store) {
  std::error_code error;
  auto real = std::filesystem::weakly_canonical(std::filesystem::absolute(store), error);
  return error ? std::filesystem::absolute(store) : real;
}

}  // namespace

SocketAddress::SocketAddress(const std::filesystem::path& store) : path_(real_path(store)) {
  path_ += ".socket";
  auto name = path_.string();
  if (name.size() >= sizeof address_.sun_path) {
    const auto directory = path_.parent_path();
    directory_ = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory_ < 0) {
      const auto code = errno == ENOENT ? mapi::MAPI_E_NOT_FOUND : mapi::MAPI_E_NO_ACCESS;
      throw mapi::system_failure(
          code,
          "the directory '" + directory.string() + "' of the spooler's socket cannot be opened",
          errno);
    }
    name = "/proc/self/fd/" + std::to_string(directory_) + '/' + path_.filename().string();
  }
  if (name.size() >= sizeof address_.sun_path) {
    ::close(directory_);
    throw mapi::Failure(mapi::MAPI_E_STRING_TOO_LONG,
                        "the name of the socket '" + path_.string() +
                            "' is too long for the kernel; give the store a shorter file name");
  }
  address_.sun_family = AF_UNIX;
  std::ranges::copy(name, static_cast<char*>(address_.sun_path));
}

SocketAddress::~SocketAddress() {
  if (directory_ >= 0) ::close(directory_);
}

}  // namespace postern::cli
