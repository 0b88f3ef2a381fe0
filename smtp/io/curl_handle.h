// One transfer or connection of libcurl's within a multi handle.
#pragma once

#include <string>

#include <curl/curl.h>

#include "smtp/io/curl_multi.h"

namespace postern::smtp {

/// An easy handle that is removed from its multi, which closes its connection, before it is cleaned
/// up. It is made with the options that all our handles need: no proxy from the environment, no
/// signals, a connection of its own, TLS 1.2 at least.
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

}  // namespace postern::smtp
