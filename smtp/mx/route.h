// The way to a domain, decided: which addresses are tried, in which order, with what asked of TLS.
//
// The last step of RFC 5321 §5.1 once everything is looked up: hosts that do not resolve are passed
// over, our own host ends the list, DANE (RFC 7672) and MTA-STS (RFC 8461) raise what is asked of
// TLS, host by host. DANE comes first: a host with TLSA records is held to them and not to the
// MTA-STS policy (RFC 8461 §2). Either only ever raises `may` and `encrypt`; any other wish is the
// operator's own decision and stands. For messages whose sender wants it (RFC 8689 §4.2.2) neither
// is looked at. Sans I/O.
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

/// What becomes of the TLS policies that a domain has published: DANE and MTA-STS.
enum class DomainPolicies { obeyed, ignored };

/// One address to try.
struct Candidate {
  std::string name;     ///< the host's, or of an address literal the address
  std::string address;  ///< as text, IPv6 without brackets
  int port = 25;
  int preference = 0;
  TlsRequirement tls;
  /// DNSSEC or an MTA-STS policy that is enforced vouches for the name, as REQUIRETLS asks
  /// (RFC 8689 §4.2.1).
  bool authentic = false;
  /// What an MTA-STS policy in test would ask of TLS, for the report (RFC 8461 §5).
  std::shared_ptr<const TlsRequirement> tested{};
  /// Under which TlsReport counts the session; nothing where no policy of the domain had a say, or
  /// the host's failure is among the decision's already.
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

/// Everything that is known of the way to a domain.
struct RouteFacts {
  std::string domain;  ///< as the DNS knows it
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

/// Whether DANE and MTA-STS have a say where the caller wants this.
bool may_be_raised(TlsPolicy wanted, DomainPolicies policies);

RouteDecision decide_route(const RouteFacts& facts, const OwnHost& own,
                           std::chrono::system_clock::time_point now);

}  // namespace postern::smtp
