#include "smtp/mx/router.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "smtp/dialogue/verdict.h"
#include "smtp/dns/domain_name.h"
#include "smtp/io/when_all.h"

namespace postern::smtp {
namespace {

using asio::ip::address_v4;
using asio::ip::address_v6;

MxRouterOptions checked(MxRouterOptions options) {
  std::set<std::string> names;
  for (const std::string& name : options.own.names) {
    const auto known = dns_name(name);
    if (!known) throw std::invalid_argument(fmt::format("\"{}\" is no name of a host", name));
    names.insert(*known);
  }
  options.own.names = std::move(names);
  if (!options.ipv4 && !options.ipv6) {
    throw std::invalid_argument("IPv4 and IPv6 are both switched off: no mail host can be reached");
  }
  return options;
}

/// Whether DNSSEC has validated every address that was found, and there are some.
bool are_secure(const DnsAnswer<address_v6>& v6, const DnsAnswer<address_v4>& v4) {
  const bool any = !v6.records.empty() || !v4.records.empty();
  return any && (v6.records.empty() || v6.secure) && (v4.records.empty() || v4.secure);
}

/// Of two answers without addresses the more relevant one: a temporary failure, then a missing
/// name.
const DnsResult& more_relevant(const DnsResult& v6, const DnsResult& v4) {
  return v6.temporary() && !v4.temporary() ? v6 : v4;
}

/// The TLSA base domains in the order of RFC 7672 §2.2.3: the end of the aliases, then the name.
std::vector<std::string> dane_bases(const std::string& name, const DnsResult& v6,
                                    const DnsResult& v4) {
  const std::string& canonical = v6.canonical_name.empty() ? v4.canonical_name : v6.canonical_name;
  std::vector<std::string> bases{name};
  if (const auto alias_of = dns_name(canonical)) bases.insert(bases.begin(), *alias_of);
  return bases;
}

/// If every host has TLSA records, DANE takes precedence for all (RFC 8461 §2).
bool sts_applies(const std::vector<ResolvedHost>& hosts) {
  return std::any_of(hosts.begin(), hosts.end(), [](const ResolvedHost& host) {
    return host.dane.state == DaneFinding::State::none;
  });
}

}  // namespace

struct MxRouter::Core {
  Core(asio::io_context& context, MxRouterOptions given)
      : options(checked(std::move(given))),
        resolver(context, options.dns),
        mta_sts(context, resolver, options.mta_sts) {}

  void record(const RouteDecision& decision) const;
  void record(const std::string& domain, const MtaStsAnswer& answer) const;
  [[nodiscard]] Route literal(const std::string& domain, const asio::ip::address& address,
                              TlsRequirement wanted) const;

  const MxRouterOptions options;
  Resolver resolver;
  MtaSts mta_sts;
};

void MxRouter::Core::record(const RouteDecision& decision) const {
  if (options.report == nullptr) return;
  for (const auto& [policy, failure] : decision.failures) {
    options.report->failure(policy, failure, TimePoint::now().wall);
  }
}

void MxRouter::Core::record(const std::string& domain, const MtaStsAnswer& answer) const {
  if (options.report == nullptr || !answer.failure) return;
  TlsReportPolicy policy{TlsReportPolicy::Type::sts, domain, {}, {}};
  if (answer.policy) {
    policy.strings = answer.policy->lines();
    policy.mx_hosts = answer.policy->mx;
  }
  TlsFailure failure;
  failure.type = answer.failure->type;
  failure.failure_reason_code = answer.failure->reason;
  options.report->failure(policy, failure, TimePoint::now().wall);
}

MxRouter::Route MxRouter::Core::literal(const std::string& domain, const asio::ip::address& address,
                                        TlsRequirement wanted) const {
  if (options.own.is_at(address)) return loops_back(domain, TimePoint::now().wall);
  if (!(address.is_v6() ? options.ipv6 : options.ipv4)) {
    return no_route(
        Verdict::failed, {5, 4, 4},
        fmt::format("{} cannot be reached: IPv{} is switched off", domain, address.is_v6() ? 6 : 4),
        TimePoint::now().wall);
  }
  const std::string text = address.to_string();
  Candidate candidate{text, text, options.port, 0, std::move(wanted)};
  return Candidates{std::move(candidate)};
}

MxRouter::MxRouter(asio::io_context& context, MxRouterOptions options)
    : core_(std::make_shared<Core>(context, std::move(options))) {}

MxRouter::~MxRouter() {
  stop();
}

void MxRouter::stop() {
  core_->resolver.stop();
  core_->mta_sts.stop();
}

asio::awaitable<MxRouter::Route> MxRouter::candidates(std::string domain, TlsRequirement wanted,
                                                      DomainPolicies policies) {
  return route(core_, std::move(domain), std::move(wanted), policies);
}

TlsReport* MxRouter::report() const {
  return core_->options.report;
}

asio::awaitable<MxRouter::Route> MxRouter::route(std::shared_ptr<Core> core, std::string domain,
                                                 TlsRequirement wanted, DomainPolicies policies) {
  if (const auto address = address_literal(domain)) {
    co_return core->literal(domain, *address, std::move(wanted));
  }
  const MxRouterOptions& options = core->options;
  const auto name = dns_name(domain);
  if (!name) {
    co_return no_route(Verdict::failed, {5, 1, 3},
                       fmt::format("\"{}\" is no domain", printable(domain)),
                       TimePoint::now().wall);
  }
  const auto answer = co_await core->resolver.look_up<MxRecord>(*name);
  auto found = mail_hosts(*name, answer, options.own, options.max_hosts, options.random_below,
                          TimePoint::now().wall);
  if (auto* outcome = std::get_if<Outcome>(&found)) co_return std::move(*outcome);

  RouteFacts facts{
      *name,   std::get<MailHosts>(std::move(found)), {}, {}, std::move(wanted), options.port,
      policies};
  const bool raised = may_be_raised(facts.wanted.policy, policies);
  facts.hosts =
      co_await resolve_all(core, facts.found, raised && options.dane && facts.found.secure);
  if (raised && sts_applies(facts.hosts)) {
    const MtaStsAnswer policy = co_await core->mta_sts.policy(*name);
    facts.sts = policy.policy;
    core->record(*name, policy);
  }
  RouteDecision decision = decide_route(facts, options.own, TimePoint::now().wall);
  core->record(decision);
  co_return std::move(decision.result);
}

asio::awaitable<std::vector<ResolvedHost>> MxRouter::resolve_all(std::shared_ptr<Core> core,
                                                                 const MailHosts& found,
                                                                 bool dane) {
  std::vector<asio::awaitable<ResolvedHost>> work;
  for (const MailHost& host : found.hosts) work.push_back(resolve(core, host, dane));
  co_return co_await when_all(std::move(work));
}

template <class Record>
asio::awaitable<DnsAnswer<Record>> MxRouter::addresses(std::shared_ptr<Core> core, bool wanted,
                                                       std::string name) {
  DnsAnswer<Record> answer;
  answer.status = DnsStatus::no_data;
  if (wanted) answer = co_await core->resolver.look_up<Record>(std::move(name));
  co_return answer;
}

asio::awaitable<ResolvedHost> MxRouter::resolve(std::shared_ptr<Core> core, MailHost host,
                                                bool dane) {
  using namespace asio::experimental::awaitable_operators;
  const MxRouterOptions& options = core->options;
  const auto [v6, v4] = co_await (addresses<address_v6>(core, options.ipv6, host.name) &&
                                  addresses<address_v4>(core, options.ipv4, host.name));
  ResolvedHost resolved;
  resolved.host = std::move(host);
  resolved.addresses =
      interleaved(v6.records, v4.records, options.max_addresses, options.random_below);
  resolved.status = more_relevant(v6, v4).status;
  resolved.reason = more_relevant(v6, v4).reason;
  if (dane && are_secure(v6, v4)) {
    resolved.dane = co_await find_dane(core, dane_bases(resolved.host.name, v6, v4));
  }
  co_return resolved;
}

asio::awaitable<DaneFinding> MxRouter::find_dane(std::shared_ptr<Core> core,
                                                 std::vector<std::string> bases) {
  DaneFinding finding;
  for (const std::string& base : bases) {
    const auto answer =
        co_await core->resolver.look_up<TlsaRecord>(tlsa_name(base, core->options.port));
    finding = dane_finding(base, answer);
    if (finding.state != DaneFinding::State::none) break;
  }
  co_return finding;
}

}  // namespace postern::smtp
