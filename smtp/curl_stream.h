// A connection that libcurl has opened, as a stream.
#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

#include "smtp/curl_multi.h"
#include "smtp/socket_stream.h"
#include "smtp/tls_guard.h"

namespace postern::smtp {

/// An easy handle that leaves its multi, which closes its connection, before it is cleaned up.
/// It begins with what every handle of ours needs: no proxy of the environment's, no signals, a
/// connection of its own, TLS 1.2 at least.
class CurlHandle {
 public:
  explicit CurlHandle(CurlMulti& multi);
  ~CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;
  [[nodiscard]] CURL* get() const { return easy_; }
  /// Sets CURLOPT_CONNECT_TO to one entry.
  void connect_to(const std::string& entry);

 private:
  CurlMulti& multi_;
  CURL* easy_;
  curl_slist* connect_to_ = nullptr;
};

class CurlStream final : public SocketStream {
 public:
  /// OpenSSL goes on calling the guard as long as the connection lasts.
  CurlStream(std::unique_ptr<CurlHandle> handle, std::unique_ptr<TlsGuard> guard)
      : guard_(std::move(guard)), handle_(std::move(handle)) {
    guard_->read_ahead();
  }

  /// The first receive, right behind the connect: a connection nothing was received on may be
  /// closed by libcurl when another one is opened. Keeps what came.
  void touch();
  [[nodiscard]] int socket() const override;

  StreamResult read(std::span<char> into) override;
  StreamResult write(std::string_view octets) override;

 private:
  /// Whether what fills no whole segment waits for more (TCP_CORK).
  void hold_back(bool on);

  std::unique_ptr<TlsGuard> guard_;
  std::unique_ptr<CurlHandle> handle_;
  std::string early_;
  bool holding_back_ = false;
};

}  // namespace postern::smtp
