// A connection that libcurl has opened, as a stream.
#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

#include "smtp/curl_multi.h"
#include "smtp/stream.h"

namespace postern::smtp {

/// An easy handle that leaves its multi, which closes its connection, before it is cleaned up.
class CurlHandle {
 public:
  explicit CurlHandle(CurlMulti& multi);
  ~CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;
  [[nodiscard]] CURL* get() const { return easy_; }

 private:
  CurlMulti& multi_;
  CURL* easy_;
};

class CurlStream final : public Stream {
 public:
  explicit CurlStream(std::unique_ptr<CurlHandle> handle) : handle_(std::move(handle)) {}

  /// The first receive, right behind the connect: a connection nothing was received on may be
  /// closed by libcurl when another one is opened. Keeps what came.
  void touch();
  /// For readiness only.
  [[nodiscard]] curl_socket_t socket() const;

  StreamResult read(std::span<char> into) override;
  StreamResult write(std::string_view octets) override;

 private:
  std::unique_ptr<CurlHandle> handle_;
  std::string early_;
};

}  // namespace postern::smtp
