// A connection that libcurl has opened, as a stream.
#pragma once

#include <memory>
#include <string>

#include "smtp/connect/tls_guard.h"
#include "smtp/io/curl_handle.h"
#include "smtp/io/socket_stream.h"

namespace postern::smtp {

class CurlStream final : public SocketStream {
 public:
  /// OpenSSL goes on calling the guard as long as the connection lasts.
  CurlStream(std::unique_ptr<CurlHandle> handle, std::unique_ptr<TlsGuard> guard)
      : guard_(std::move(guard)), handle_(std::move(handle)) {
    guard_->read_ahead();
  }

  /// The first receive, right after the connect: libcurl may close a connection on which nothing
  /// was received when it opens another one. Keeps what was received.
  void touch();
  [[nodiscard]] int socket() const override;

  StreamResult read(std::span<char> into) override;
  StreamResult write(std::string_view octets) override;

 private:
  /// TCP_CORK: whether octets that do not fill a segment wait for more.
  void hold_back(bool on);

  std::unique_ptr<TlsGuard> guard_;
  std::unique_ptr<CurlHandle> handle_;
  std::string early_;
  bool holding_back_ = false;
};

}  // namespace postern::smtp
