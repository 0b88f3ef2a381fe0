// A look at a relay: how long a connection takes until it is ready for mail, what is offered there,
// and how long a command takes to be answered. No mail is sent.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "smtp/client.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// Servers count what is no mail, and turn those away who say much of it (Exim: more than ten
/// commands on a connection, Postfix: a hundred).
struct ProbeOptions {
  std::size_t connections = 5;  ///< one after the other
  std::size_t round_trips = 8;  ///< on each of them
  /// When it has taken so long, no further connection is opened.
  std::chrono::milliseconds longest{10'000};
};

/// What a server says of itself in its reply to EHLO.
struct OfferedExtensions {
  bool pipelining = false;
  bool chunking = false;
  bool size = false;
  std::optional<std::uint64_t> size_limit;  ///< octets; absent: none was named
  bool starttls = false;
  bool eight_bit_mime = false;
  bool smtputf8 = false;
  bool dsn = false;
};

struct Probe {
  std::string host;             ///< "name[address]"
  std::string tls;              ///< "TLSv1.3, TLS_AES_256_GCM_SHA384"; empty: there is none
  OfferedExtensions offered{};  ///< of the last connection
  /// Each: look-up, connection, greeting, EHLO, and TLS and AUTH where they are asked for.
  std::vector<std::chrono::nanoseconds> connecting{};
  std::vector<std::chrono::nanoseconds> round_trips{};  ///< RSET and its reply
  /// Why there are fewer than were asked for, unless the time was over or it was stopped.
  std::optional<RouteFault> fault{};
};

/// Looks at the relay of the options; not by MX, and not at further relays. Blocks; `stop` ends it
/// early. Throws what the constructor of Client throws.
Probe probe(ClientOptions options, const ProbeOptions& wanted = {},
            const std::stop_token& stop = {});

}  // namespace postern::smtp
#pragma GCC visibility pop
