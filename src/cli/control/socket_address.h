// The address of the Unix socket beside a store, at which a running spooler can be asked.
#pragma once

#include <filesystem>
#include <sys/un.h>

namespace postern::cli {

/// `<store>.socket`. The kernel's names of sockets are short: where the whole path does not fit,
/// the socket is named by way of an open descriptor of its directory, which this object holds; so
/// `address` is valid as long as the object lives.
class SocketAddress {
 public:
  /// Throws mapi::Failure: MAPI_E_STRING_TOO_LONG if the file name alone does not fit,
  /// MAPI_E_NOT_FOUND or MAPI_E_NO_ACCESS if its directory cannot be opened.
  explicit SocketAddress(const std::filesystem::path& store);
  ~SocketAddress();
  SocketAddress(const SocketAddress&) = delete;
  SocketAddress& operator=(const SocketAddress&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }  ///< for sentences
  [[nodiscard]] const sockaddr_un& address() const { return address_; }

 private:
  std::filesystem::path path_;
  int directory_ = -1;
  sockaddr_un address_{};
};

}  // namespace postern::cli
