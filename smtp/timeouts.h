// How long the engine waits (RFC 5321 §4.5.3.2, smtp-transactions.md §4). Every one of them covers
// a whole reply, never one octet of it: a server that drips its reply is as late as a silent one.
#pragma once

#include <chrono>
#include <cstddef>

#pragma GCC visibility push(default)
namespace postern::smtp {

struct Timeouts {
  std::chrono::milliseconds connect{30'000};  ///< with a proxy, where there is one
  std::chrono::milliseconds greeting{300'000};
  std::chrono::milliseconds ehlo{300'000};
  std::chrono::milliseconds starttls{60'000};  ///< the command and the handshake
  std::chrono::milliseconds auth{120'000};     ///< the whole exchange
  std::chrono::milliseconds token_command{30'000};
  std::chrono::milliseconds mail{300'000};
  std::chrono::milliseconds rcpt{300'000};
  std::chrono::milliseconds data{120'000};
  std::chrono::milliseconds content_block{180'000};
  std::size_t minimum_rate = 500;  ///< octets per second over the whole content
  std::chrono::milliseconds end{600'000};
  std::chrono::milliseconds rset{20'000};
  std::chrono::milliseconds quit{5'000};
  std::chrono::milliseconds idle{20'000};  ///< an open connection without work is closed after
};

}  // namespace postern::smtp
#pragma GCC visibility pop
