// The extensions a server offers in its reply to EHLO (RFC 5321 §4.1.1.1), and which are used.
//
// Parsing ignores case, takes blanks or tabs between words, and never fails: a malformed line
// offers nothing. Only the last EHLO of a session counts; after HELO there are no extensions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/client.h"
#include "smtp/dialogue/reply.h"

namespace postern::smtp {

struct Capabilities {
  bool pipelining = false;                       ///< RFC 2920
  bool eight_bit_mime = false;                   ///< RFC 6152
  bool smtputf8 = false;                         ///< RFC 6531
  bool dsn = false;                              ///< RFC 3461
  bool chunking = false;                         ///< RFC 3030
  bool starttls = false;                         ///< RFC 3207
  bool require_tls = false;                      ///< RFC 8689
  bool deliver_by = false;                       ///< RFC 2852
  bool future_release = false;                   ///< RFC 4865
  bool mt_priority = false;                      ///< RFC 6710
  bool enhanced_status_codes = false;            ///< RFC 2034
  bool size = false;                             ///< RFC 1870: SIZE= is understood
  std::optional<std::uint64_t> size_limit;       ///< octets; absent: none was named
  std::vector<std::string> auth_mechanisms;      ///< RFC 4954, upper case
  std::optional<std::uint64_t> min_deliver_by;   ///< seconds (RFC 2852 §4)
  std::optional<std::uint64_t> longest_hold;     ///< seconds (RFC 4865 §4.1)
  std::optional<std::uint64_t> recipient_limit;  ///< per transaction: LIMITS RCPTMAX (RFC 9422)
  std::optional<std::uint64_t> message_limit;    ///< per session: LIMITS MAILMAX (RFC 9422)

  // Set by the code that opened the connection.

  bool tls_verified = false;  ///< the connection has TLS and the server is authenticated
  /// The peer speaks LMTP: each accepted recipient has a final reply of its own (RFC 2033 §4.2).
  bool lmtp = false;

  static Capabilities parse(const Reply& ehlo);
  /// Messages are sent in chunks. Not without PIPELINING, as they gain nothing then; not with LMTP,
  /// which has to know for whom replies are due.
  [[nodiscard]] bool chunked() const { return chunking && pipelining && !lmtp; }
};

}  // namespace postern::smtp
