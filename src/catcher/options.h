// The options and callbacks of a catcher.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "catcher/message.h"

namespace postern::catcher {

/// Every member has a default, for designated initializers.
struct CatcherOptions {
  std::string address = "127.0.0.1";  ///< numeric, IPv4 or IPv6
  std::uint16_t port = 0;             ///< 0: any free one, see Catcher::port
  std::string host_name = "catcher.localhost";

  /// The directory for messages; made if absent. Empty: memory, up to `memory_limit` in total.
  std::filesystem::path directory{};
  /// Announced as SIZE. In memory, `memory_limit` is announced if it is less.
  std::uint64_t maximum_message_size = std::uint64_t{4} << 30;
  /// Octets of envelopes and of content in memory, running transactions included. Beyond it,
  /// messages are refused with 452 4.3.1; with a directory, `messages` drops the oldest instead
  /// (their files stay).
  std::size_t memory_limit = std::size_t{64} << 20;

  std::size_t maximum_connections = 1000;  ///< at once; further ones are answered 421
  std::size_t maximum_recipients = 1000;   ///< of one message; further ones are answered 452 4.5.3
  /// Commands since the last message kept, accepted RCPTs aside; then 421.
  std::size_t maximum_commands = 10'000;
  std::chrono::milliseconds command_timeout{
      300'000};  ///< for a whole command line (or TLS handshake)
  std::chrono::milliseconds content_timeout{180'000};  ///< for each block of content

  /// PEM files (chain and key). If both are given, STARTTLS is offered, and AUTH inside TLS only.
  std::filesystem::path certificate_file{};
  std::filesystem::path key_file{};
  bool implicit_tls = false;  ///< TLS from the first octet (smtps) instead of STARTTLS

  std::string user{};  ///< empty: AUTH is not offered
  std::string password{};
  bool require_authentication = false;  ///< MAIL is answered 530 before AUTH

  /// Extensions that are not offered, by their EHLO keyword, e.g. "PIPELINING".
  std::vector<std::string> without_extensions{};

  /// Both are called on the catcher's thread, one call at a time, and must not throw.
  std::function<void(const CaughtMessage&)> on_message{};
  /// One line of text about each connection, refusal, message; free of control characters and
  /// secrets.
  std::function<void(const std::string&)> on_event{};
};

}  // namespace postern::catcher
