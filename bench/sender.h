// The common part of the sending programs of bench/smtp: options, message, and the protocol with
// the driver. A program prints "ready", waits for a line, sends, and prints "done" when every
// message was accepted; any failure is one line on standard error and exit status 1.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace postern::bench {

struct SenderOptions {
  int port = 0;         ///< of the server on 127.0.0.1
  std::string message;  ///< the octets of the file, lines ended by CRLF, not dot-stuffed
  std::size_t messages = 1;
  std::size_t sessions = 1;
  std::string ca_file;  ///< STARTTLS, verified against it; empty: no TLS
  std::string mode;     ///< if a program takes one
};

inline constexpr const char* sender_address = "sender@a.test";
inline constexpr const char* recipient_address = "recipient@b.test";

/// main() of a sending program: calls `send` between "ready" and "done"; it throws on failure.
int run_sender(int argc, char** argv, const std::string& description,
               const std::function<void(const SenderOptions&)>& send);

}  // namespace postern::bench
