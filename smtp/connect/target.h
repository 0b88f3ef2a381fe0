// The server that a connection is opened to, and the TLS that is required.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "smtp/client.h"
#include "smtp/tls_report/tls_report.h"
#include "smtp/tls_requirement.h"

namespace postern::smtp {

struct ConnectTarget {
  Relay relay;
  TlsRequirement tls;
  /// The IPv4 or IPv6 address to connect to instead of looking the relay's name up; the certificate
  /// is still checked against the name. Empty: look up.
  std::string address;
  /// Of the TCP connection, instead of Timeouts::connect.
  std::optional<std::chrono::milliseconds> connect_limit{};
  /// The relay's name is trusted: configured, or validated by DNSSEC or MTA-STS, as REQUIRETLS
  /// demands (RFC 8689 §4.2.1).
  bool authentic = true;
  /// Tried first, for the TLS report only; if it fails, `tls` applies (an MTA-STS policy in mode
  /// testing, RFC 8461 §5).
  std::shared_ptr<const TlsRequirement> tested{};
  /// By MX: the policy under which the TLS report counts the sessions; null: not counted.
  std::shared_ptr<const TlsReportPolicy> report_policy{};
};

/// The target of a relay with its own TLS policy, else the general one, else the default. Throws
/// std::invalid_argument with one sentence if credentials would be sent without TLS or the required
/// TLS is impossible.
ConnectTarget relay_target(const ClientOptions& options, const Relay& relay);

/// The addresses of the target's host are to be looked up, and each is a target of its own.
[[nodiscard]] bool has_a_name(const ConnectTarget& target);

/// The TLS that is really required: `verify` at least for smtps://.
TlsRequirement effective_tls(const ConnectTarget& target);

/// Why the target cannot be connected to, as one sentence; nullopt if it can. `authenticates`:
/// there are credentials for it.
std::optional<std::string> target_fault(const ConnectTarget& target, bool authenticates,
                                        bool proxy);

}  // namespace postern::smtp
