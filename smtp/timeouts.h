// How long the engine waits (RFC 5321 §4.5.3.2, smtp-transactions.md §4). Each timeout covers a
// whole reply: a server that sends its reply octet by octet is as late as a silent one.
#pragma once

#include <chrono>
#include <cstddef>

#pragma GCC visibility push(default)
namespace postern::smtp {

struct Timeouts {
  std::chrono::milliseconds connect{30'000};  ///< TCP, and the proxy's dialogue if there is one
  /// The same while the host, or the destination, has further addresses to try (RFC 8305).
  std::chrono::milliseconds connect_before_others{5'000};
  std::chrono::milliseconds greeting{300'000};
  std::chrono::milliseconds ehlo{300'000};
  std::chrono::milliseconds starttls{60'000};       ///< the command and the handshake
  std::chrono::milliseconds auth{120'000};          ///< the whole exchange
  std::chrono::milliseconds token_command{30'000};  ///< ClientOptions::token_command
  std::chrono::milliseconds mail{300'000};
  std::chrono::milliseconds rcpt{300'000};
  std::chrono::milliseconds data{120'000};           ///< until the 354
  std::chrono::milliseconds content_block{180'000};  ///< without any octet leaving
  std::size_t minimum_rate = 500;                    ///< octets per second over the whole content
  std::chrono::milliseconds end{600'000};            ///< from the content's end to its reply
  std::chrono::milliseconds rset{20'000};
  std::chrono::milliseconds quit{5'000};
  std::chrono::milliseconds idle{20'000};  ///< after which an idle connection gets QUIT
};

}  // namespace postern::smtp
#pragma GCC visibility pop
