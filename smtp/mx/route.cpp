#include "smtp/mx/route.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "smtp/dialogue/verdict.h"

namespace postern::smtp {
namespace {

using Time = std::chrono::system_clock::time_point;
using State = DaneFinding::State;

using Mode = MtaStsPolicy::Mode;

bool is_in(Mode mode, const std::optional<MtaStsPolicy>& sts) {
  return sts && sts->mode == mode;
}

bool is_enforced(const std::optional<MtaStsPolicy>& sts) {
  return is_in(Mode::enforce, sts);
}

/// Gathers candidates host by host, and why the others are none.
class Decision {
 public:
  explicit Decision(const RouteFacts& facts)
      : facts_(facts), raises_(may_be_raised(facts.wanted.policy, facts.policies)) {}

  void take(const ResolvedHost& host);
  RouteDecision result(bool ours, Time now) &&;

 private:
  [[nodiscard]] TlsReportPolicy report_policy(const ResolvedHost& host) const;
  bool passes_dane(const ResolvedHost& host);
  bool passes_sts(const ResolvedHost& host);
  [[nodiscard]] TlsRequirement requirement(const ResolvedHost& host) const;
  /// Of a host that passes: the policy in test names it.
  [[nodiscard]] std::shared_ptr<const TlsRequirement> tested(const ResolvedHost& host) const;
  void record(const ResolvedHost& host, TlsFailureType type, std::string reason);
  [[nodiscard]] Outcome no_candidate(bool ours, Time now) const;

  const RouteFacts& facts_;
  const bool raises_;
  Candidates candidates_;
  std::vector<std::pair<TlsReportPolicy, TlsFailure>> failures_;
  const ResolvedHost* dane_fault_ = nullptr;
  const ResolvedHost* unresolved_for_now_ = nullptr;
  std::vector<std::string> not_covered_;
};

TlsReportPolicy Decision::report_policy(const ResolvedHost& host) const {
  TlsReportPolicy policy{TlsReportPolicy::Type::no_policy_found, facts_.domain, {}, {}};
  if (host.dane.state != State::none) {
    policy.type = TlsReportPolicy::Type::tlsa;
    policy.mx_hosts = {host.host.name};
    for (const TlsaRecord& record : host.dane.records) policy.strings.push_back(text_of(record));
  } else if (facts_.sts && facts_.sts->mode != Mode::none) {
    policy.type = TlsReportPolicy::Type::sts;
    policy.mx_hosts = facts_.sts->mx;
    policy.strings = facts_.sts->lines();
  }
  return policy;
}

void Decision::record(const ResolvedHost& host, TlsFailureType type, std::string reason) {
  TlsFailure failure;
  failure.type = type;
  failure.receiving_mx_hostname = host.host.name;
  failure.failure_reason_code = std::move(reason);
  failures_.emplace_back(report_policy(host), std::move(failure));
}

bool Decision::passes_dane(const ResolvedHost& host) {
  if (host.dane.state == State::unusable) {
    record(host, TlsFailureType::tlsa_invalid, "no TLSA record is usable");
  }
  if (host.dane.state != State::bogus && host.dane.state != State::failed) return true;
  record(host, TlsFailureType::dnssec_invalid, host.dane.reason);
  if (dane_fault_ == nullptr) dane_fault_ = &host;
  return false;
}

bool Decision::passes_sts(const ResolvedHost& host) {
  const auto& sts = facts_.sts;
  if (!sts || sts->mode == Mode::none || host.dane.state != State::none) return true;
  if (sts->covers(host.host.name)) return true;
  record(host, TlsFailureType::validation_failure, "the policy does not name this MX host");
  if (!is_enforced(sts)) return true;  // testing: reported only (RFC 8461 §5)
  not_covered_.push_back(host.host.name);
  return false;
}

TlsRequirement Decision::requirement(const ResolvedHost& host) const {
  if (!raises_) return facts_.wanted;
  if (host.dane.state == State::usable) {
    return dane_requirement(host.dane, host.host.name, facts_.domain);
  }
  if (is_enforced(facts_.sts) && facts_.sts->covers(host.host.name)) {
    return {TlsPolicy::verify, {}, {}, {host.host.name}};
  }
  if (host.dane.state == State::unusable) return {TlsPolicy::encrypt, {}, {}, {}};
  return facts_.wanted;
}

std::shared_ptr<const TlsRequirement> Decision::tested(const ResolvedHost& host) const {
  if (!is_in(Mode::testing, facts_.sts) || host.dane.state != State::none) return nullptr;
  return std::make_shared<const TlsRequirement>(
      TlsRequirement{TlsPolicy::verify, {}, {}, {host.host.name}});
}

void Decision::take(const ResolvedHost& host) {
  if (host.addresses.empty()) {
    const bool temporary = host.status == DnsStatus::failed || host.status == DnsStatus::bogus;
    if (temporary && unresolved_for_now_ == nullptr) unresolved_for_now_ = &host;
    return;
  }
  const std::size_t told = failures_.size();
  if (raises_ && (!passes_dane(host) || !passes_sts(host))) return;
  Candidate candidate{host.host.name, {}, facts_.port, host.host.preference, requirement(host)};
  if (raises_ && failures_.size() == told) {
    candidate.tested = tested(host);
    candidate.report_policy = report_policy(host);
  }
  candidate.authentic =
      facts_.found.secure || (raises_ && is_enforced(facts_.sts) && host.dane.state == State::none);
  for (const asio::ip::address& address : host.addresses) {
    candidate.address = address.to_string();
    candidates_.push_back(candidate);
  }
}

RouteDecision Decision::result(bool ours, Time now) && {
  if (candidates_.empty()) return {no_candidate(ours, now), std::move(failures_)};
  return {std::move(candidates_), std::move(failures_)};
}

/// If any failure is temporary, the mail waits; it is refused only if all are permanent.
Outcome Decision::no_candidate(bool ours, Time now) const {
  const std::string& domain = facts_.domain;
  if (dane_fault_ != nullptr) {
    const bool bogus = dane_fault_->dane.state == State::bogus;
    return no_route(
        Verdict::retry, bogus ? EnhancedStatus{4, 7, 5} : EnhancedStatus{4, 4, 3},
        fmt::format("the TLSA records of {} for {} {}: {}", dane_fault_->host.name, domain,
                    bogus ? "failed DNSSEC validation" : "cannot be looked up for now",
                    dane_fault_->dane.reason),
        now);
  }
  if (unresolved_for_now_ != nullptr) {
    return no_route(
        Verdict::retry, {4, 4, 4},
        fmt::format("the address of the mail host {} of {} cannot be looked up for "
                    "now: {}",
                    unresolved_for_now_->host.name, domain, unresolved_for_now_->reason),
        now);
  }
  if (!not_covered_.empty()) {
    return no_route(Verdict::retry, {4, 7, 5},
                    fmt::format("the MTA-STS policy of {} names none of its mail hosts ({})",
                                domain, fmt::join(not_covered_, ", ")),
                    now);
  }
  if (ours) return loops_back(domain, now);
  if (facts_.found.implicit) {
    return no_route(Verdict::failed, {5, 1, 2},
                    fmt::format("the domain {} has neither a mail host nor an address", domain),
                    now);
  }
  return no_route(Verdict::failed, {5, 4, 4},
                  fmt::format("none of the mail hosts of {} has an address", domain), now);
}

/// The preference at which one of our own addresses turns up; nullopt if none does.
std::optional<int> own_preference(const std::vector<ResolvedHost>& hosts, const OwnHost& own) {
  for (const ResolvedHost& host : hosts) {
    const auto is_own = [&](const auto& address) { return own.is_at(address); };
    if (std::any_of(host.addresses.begin(), host.addresses.end(), is_own)) {
      return host.host.preference;
    }
  }
  return std::nullopt;
}

}  // namespace

bool may_be_raised(TlsPolicy wanted, DomainPolicies policies) {
  return policies == DomainPolicies::obeyed &&
         (wanted == TlsPolicy::may || wanted == TlsPolicy::encrypt);
}

RouteDecision decide_route(const RouteFacts& facts, const OwnHost& own, Time now) {
  const std::optional<int> us = own_preference(facts.hosts, own);
  Decision decision(facts);
  for (const ResolvedHost& host : facts.hosts) {
    if (!us || host.host.preference < *us) decision.take(host);
  }
  return std::move(decision).result(us || facts.found.ours, now);
}

}  // namespace postern::smtp
