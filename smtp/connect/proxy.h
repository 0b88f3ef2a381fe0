// The proxy on the way to a server: SOCKS5 (RFC 1928, RFC 1929) or HTTP CONNECT (RFC 9110 §9.3.6).
//
// The server's name is looked up by the proxy. Never taken from the environment.
#pragma once

#include <string>
#include <string_view>

namespace postern::smtp {

struct Proxy {
  bool http = false;  ///< CONNECT; else SOCKS5
  std::string host;
  int port = 0;
  std::string user;  ///< empty: no log-on
  std::string password;

  /// `socks5h://[user[:password]@]host[:port]` or `http://…`; default ports 1080 and 3128.
  /// Throws std::invalid_argument with one sentence for anything else.
  static Proxy parse(std::string_view url);
  /// "socks5h://host:port", without credentials.
  [[nodiscard]] std::string text() const;
};

}  // namespace postern::smtp
