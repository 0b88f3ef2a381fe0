// Finds the route to a domain: looks up MX records, the hosts' addresses, TLSA records and the
// MTA-STS policy (RFC 5321 §5, RFC 7672, RFC 8461), and decides (route.h).
//
// The result is a value: candidates in the order to be tried, or the outcome for all recipients of
// the domain. All calls but the constructor's on the context's thread. Coroutines that wait may be
// destroyed or cancelled, and may outlive the router.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "smtp/dns/resolver.h"
#include "smtp/mx/mta_sts.h"
#include "smtp/mx/own_host.h"
#include "smtp/mx/route.h"
#include "smtp/tls_report/tls_report.h"

namespace postern::smtp {

struct MxRouterOptions {
  ResolverOptions dns;
  OwnHost own = this_machine();
  int port = 25;  ///< of the mail hosts
  bool ipv4 = true;
  bool ipv6 = true;
  bool dane = true;  ///< if there is a trust anchor
  MtaStsOptions mta_sts;
  std::size_t max_hosts = 20;     ///< of a domain
  std::size_t max_addresses = 8;  ///< of a host
  RandomBelow random_below = system_random();
  TlsReport* report = nullptr;  ///< records failures before any connection; must outlive the router
};

class MxRouter {
 public:
  using Route = std::variant<Candidates, Outcome>;

  /// Throws std::invalid_argument with one sentence if an option cannot be used.
  MxRouter(asio::io_context& context, MxRouterOptions options);
  /// As `stop`.
  ~MxRouter();
  MxRouter(const MxRouter&) = delete;
  MxRouter& operator=(const MxRouter&) = delete;

  /// `domain` as in an address: a name, also in UTF-8, or an address literal. `wanted` is the TLS
  /// that is required if no policy of the domain raises it.
  asio::awaitable<Route> candidates(std::string domain, TlsRequirement wanted,
                                    DomainPolicies policies = DomainPolicies::obeyed);
  /// The report of the options, for the results of the candidates.
  [[nodiscard]] TlsReport* report() const;

  /// All calls, also later ones, end at once with a retry.
  void stop();

 private:
  struct Core;
  static asio::awaitable<Route> route(std::shared_ptr<Core> core, std::string domain,
                                      TlsRequirement wanted, DomainPolicies policies);
  static asio::awaitable<std::vector<ResolvedHost>> resolve_all(std::shared_ptr<Core> core,
                                                                const MailHosts& found, bool dane);
  static asio::awaitable<ResolvedHost> resolve(std::shared_ptr<Core> core, MailHost host,
                                               bool dane);
  static asio::awaitable<DaneFinding> find_dane(std::shared_ptr<Core> core,
                                                std::vector<std::string> bases);
  template <class Record>
  static asio::awaitable<DnsAnswer<Record>> addresses(std::shared_ptr<Core> core, bool wanted,
                                                      std::string name);

  std::shared_ptr<Core> core_;
};

}  // namespace postern::smtp
