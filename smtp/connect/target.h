// Where one connection is to go, and what is asked of TLS there.
#pragma once

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
  /// The IPv4 or IPv6 address to connect to instead of looking the relay's name up, which stays
  /// the name that the certificate is for; empty: look up.
  std::string address;
  /// The relay's name is what it should be: configured, or vouched for by DNSSEC or MTA-STS, as
  /// REQUIRETLS asks (RFC 8689 §4.2.1).
  bool authentic = true;
  /// Asked for first, for the sake of the TLS report; where it fails, `tls` counts (an MTA-STS
  /// policy in test, RFC 8461 §5).
  std::shared_ptr<const TlsRequirement> tested{};
  /// By MX: under which the TLS report counts the sessions; null: they are not counted.
  std::shared_ptr<const TlsReportPolicy> report_policy{};
};

/// The target of a relay, with the policy for TLS that is its own, that of all, or the one by
/// default. Throws std::invalid_argument with one sentence where credentials would go in the clear
/// or TLS cannot be as it is asked for.
ConnectTarget relay_target(const ClientOptions& options, const Relay& relay);

/// The TLS that is asked for in truth: smtps:// is always verified somehow.
TlsRequirement effective_tls(const ConnectTarget& target);

/// Why nothing can connect to the target, as one sentence; nothing where it can. `authenticates`:
/// there are credentials for it.
std::optional<std::string> target_fault(const ConnectTarget& target, bool authenticates,
                                        bool proxy);

}  // namespace postern::smtp
