// Decides the route to a domain: which addresses are tried, in which order, with which TLS.
//
// The last step of RFC 5321 §5.1 once everything is looked up: hosts that do not resolve are
// skipped, our own host ends the list, DANE (RFC 7672) and MTA-STS (RFC 8461) raise the required
// TLS, host by host. DANE takes precedence: the MTA-STS policy does not apply to a host with TLSA
// records (RFC 8461 §2). Both only raise `may` and `encrypt`; any other policy is the operator's
// decision and stays. For messages with `TLS-Required: No` (RFC 8689 §4.2.2) both are ignored. Sans
// I/O.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "smtp/mx/dane.h"
#include "smtp/mx/mail_hosts.h"
#include "smtp/mx/mta_sts_policy.h"
#include "smtp/tls_report/tls_report.h"
#include "smtp/tls_requirement.h"

namespace postern::smtp {

/// Whether the TLS policies that a domain has published (DANE, MTA-STS) apply.
enum class DomainPolicies { obeyed, ignored };

/// One address to try.
struct Candidate {
  std::string name;     ///< the host's name, or the address of an address literal
  std::string address;  ///< as text, IPv6 without brackets
  int port = 25;
  int preference = 0;
  TlsRequirement tls;
  /// The name is validated by DNSSEC or by an MTA-STS policy that is enforced, as REQUIRETLS
  /// demands (RFC 8689 §4.2.1).
  bool authentic = false;
  /// The TLS that an MTA-STS policy in mode testing requires, for the report (RFC 8461 §5).
  std::shared_ptr<const TlsRequirement> tested{};
  /// The policy under which TlsReport counts the session; nullopt if no policy of the domain was
  /// considered, or the host's failure is in RouteDecision::failures already.
  std::optional<TlsReportPolicy> report_policy{};
};

using Candidates = std::vector<Candidate>;

/// A mail host, looked up.
struct ResolvedHost {
  MailHost host;
  std::vector<asio::ip::address> addresses;  ///< in the order to be tried
  DnsStatus status = DnsStatus::failed;      ///< why there is no address
  std::string reason;                        ///< likewise, for people
  DaneFinding dane;
};

/// All look-ups for a domain.
struct RouteFacts {
  std::string domain;  ///< as dns_name gives it
  MailHosts found;
  std::vector<ResolvedHost> hosts;  ///< in the order of found.hosts
  std::optional<MtaStsPolicy> sts;
  TlsRequirement wanted;  ///< the caller's
  int port = 25;
  DomainPolicies policies = DomainPolicies::obeyed;
};

struct RouteDecision {
  std::variant<Candidates, Outcome> result;
  std::vector<std::pair<TlsReportPolicy, TlsFailure>> failures;  ///< for the TLS report
};

/// Whether DANE and MTA-STS may raise this policy of the caller's.
bool may_be_raised(TlsPolicy wanted, DomainPolicies policies);

RouteDecision decide_route(const RouteFacts& facts, const OwnHost& own,
                           std::chrono::system_clock::time_point now);

}  // namespace postern::smtp
