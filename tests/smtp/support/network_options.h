// What tests of the real engine against a NetworkServer begin with.
#pragma once

#include <string>

#include "smtp/client.h"
#include "tests/smtp/support/network_server.h"

namespace postern::smtp::test {

inline ClientOptions options_for(const NetworkServer& server, const std::string& scheme = "smtp",
                                 const std::string& credentials = "") {
  ClientOptions options;
  options.relay =
      Relay::parse(scheme + "://" + credentials + "127.0.0.1:" + std::to_string(server.port()));
  options.helo_name = "client.example";
  return options;
}

inline Verdict verdict_of(const Delivery& delivery) {
  return delivery.recipients.at(0).verdict;
}

}  // namespace postern::smtp::test
