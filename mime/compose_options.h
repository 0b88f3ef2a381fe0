// What a composition goes by, besides the message (mapi-to-mime.md §2.5, §3).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

#pragma GCC visibility push(default)
namespace postern::mime {

struct ComposeOptions {
  /// The Date header where the message has no PR_CLIENT_SUBMIT_TIME.
  std::chrono::system_clock::time_point now;
  /// Right side of a Message-ID that has to be made.
  std::string message_id_domain = "localhost";
  /// Random octets for boundaries and message ids; the default takes them from OpenSSL.
  std::function<void(std::span<std::byte>)> random;
  /// From where the message has no sender (§2.5).
  std::optional<std::string> default_from;
  /// Headers may hold UTF-8 addresses (the next hop has SMTPUTF8).
  bool smtputf8 = false;
};

}  // namespace postern::mime
#pragma GCC visibility pop
