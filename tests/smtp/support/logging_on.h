// What the tests of AUTH have in common: a server that offers it over TLS, and how it is tried.
#pragma once

#include <string>
#include <utility>

#include "tests/smtp/support/connecting.h"

namespace postern::smtp::test {

/// Offers AUTH over TLS and lets `log_on` play from there on.
inline NetworkServer::Play offering(const std::string& mechanisms, NetworkServer::Play log_on) {
  return [mechanisms, log_on = std::move(log_on)](Peer& peer, int number) {
    peer.start_tls(localhost_certificate());
    peer.greet("250-test.example\r\n250 " + mechanisms + "\r\n");
    log_on(peer, number);
  };
}

/// Reads the AUTH command and sends one reply.
inline NetworkServer::Play answering(std::string* command, const std::string& answer) {
  return [command, answer](Peer& peer, int) {
    const std::string said = peer.line();
    if (command != nullptr) *command = said;
    peer.say(answer);
    peer.line();
  };
}

inline ClientOptions trusting() {
  ClientOptions options;
  options.ca_file = localhost_certificate().file();
  return options;
}

inline ConnectTarget target_for(const NetworkServer& server, const std::string& credentials) {
  return target_at(server.port(), TlsPolicy::verify, "smtps", credentials);
}

inline Opened log_on(const NetworkServer& server, ClientOptions options = trusting(),
                     const std::string& credentials = "jane:geheim@") {
  return Connecting(std::move(options)).connect(target_for(server, credentials));
}

}  // namespace postern::smtp::test
