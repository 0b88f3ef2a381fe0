// One transfer or connection of libcurl's within a multi handle.
#pragma once

#include <memory>
#include <string>
#include <system_error>

#include <curl/curl.h>

#include "smtp/io/curl_multi.h"

namespace postern::smtp {

/// An easy handle that is removed from its multi, which closes its connection, before it is cleaned
/// up. It is made with the options that all our handles need: no proxy from the environment, no
/// signals, a connection of its own, TLS 1.2 at least.
class CurlHandle {
 public:
  /// `owner` keeps the multi, if it has no longer life by itself.
  explicit CurlHandle(CurlMulti& multi, std::shared_ptr<void> owner = nullptr);
  ~CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;
  [[nodiscard]] CURL* get() const { return easy_; }
  /// Sets CURLOPT_CONNECT_TO to one entry.
  void connect_to(const std::string& entry);
  /// Why the system gave no socket, which libcurl does not tell; no error if it gave one.
  [[nodiscard]] std::error_code socket_error() const { return socket_error_; }

 private:
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose,
                                      curl_sockaddr* address) noexcept;

  std::shared_ptr<void> owner_;
  CurlMulti& multi_;
  CURL* easy_;
  curl_slist* connect_to_ = nullptr;
  std::error_code socket_error_;
};

}  // namespace postern::smtp
