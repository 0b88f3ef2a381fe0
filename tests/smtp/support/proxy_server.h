// A SOCKS5 and an HTTP CONNECT proxy on 127.0.0.1, which connect to one server whatever they are
// asked for.
#pragma once

#include <string>

#include "tests/smtp/support/network_server.h"

namespace postern::smtp::test {

struct ProxyPlay {
  int server_port = 0;  ///< 0: refuses to connect
  std::string user;     ///< empty: no authentication
  std::string password;
  std::string asked_for;    ///< "host:port" as the client named it
  std::string credentials;  ///< as the client gave them
};

/// The play must outlive the server.
NetworkServer::Play socks5(ProxyPlay& play);
NetworkServer::Play http_connect(ProxyPlay& play);

}  // namespace postern::smtp::test
