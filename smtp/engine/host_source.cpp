#include "smtp/engine/host_source.h"

#include <algorithm>

#include "smtp/mx/mail_hosts.h"

namespace postern::smtp {
namespace {

/// `reports`: what is only of use to TLS reports is wanted.
ConnectTarget target_of(Candidate candidate, bool reports) {
  ConnectTarget target;
  target.relay.host = std::move(candidate.name);
  target.relay.port = candidate.port;
  target.tls = std::move(candidate.tls);
  target.address = std::move(candidate.address);
  target.authentic = candidate.authentic;
  if (reports && candidate.report_policy) {
    target.report_policy =
        std::make_shared<const TlsReportPolicy>(*std::move(candidate.report_policy));
    target.tested = std::move(candidate.tested);
  }
  return target;
}

/// The families in turn, beginning with that of the first.
RelayHostSource::Addresses families_in_turn(RelayHostSource::Addresses addresses) {
  const auto second = std::stable_partition(
      addresses.begin(), addresses.end(),
      [is_v6 = !addresses.empty() && addresses.front().is_v6()](const asio::ip::address& address) {
        return address.is_v6() == is_v6;
      });
  return in_turn({addresses.begin(), second}, {second, addresses.end()});
}

}  // namespace

asio::awaitable<HostSource::Result> RelayHostSource::resolve() {
  if (!lookup_) co_return targets_;
  if (TimePoint::now().steady < resolved_until_) co_return resolved_;
  std::vector<ConnectTarget> all;
  for (const ConnectTarget& target : targets_) {
    Addresses addresses;
    if (has_a_name(target)) addresses = families_in_turn(co_await lookup_(target.relay.host));
    if (addresses.size() > max_addresses) addresses.resize(max_addresses);
    if (addresses.empty()) all.push_back(target);
    for (const auto& address : addresses) {
      all.push_back(target);
      all.back().address = address.to_string();
    }
  }
  resolved_ = all;
  resolved_until_ = TimePoint::now().steady + kept;
  co_return all;
}

std::string RelayHostSource::name() const {
  std::string all;
  for (const ConnectTarget& target : targets_) {
    if (!all.empty()) all += ", ";
    all += target.relay.text();
  }
  return all;
}

std::string MxHostSource::name() const {
  return policies_ == DomainPolicies::ignored ? domain_ + " (TLS-Required: No)" : domain_;
}

asio::awaitable<HostSource::Result> MxHostSource::resolve() {
  MxRouter::Route route = co_await router_.candidates(domain_, wanted_, policies_);
  if (auto* outcome = std::get_if<Outcome>(&route)) co_return std::move(*outcome);
  std::vector<ConnectTarget> targets;
  for (Candidate& candidate : std::get<Candidates>(route)) {
    targets.push_back(target_of(std::move(candidate), router_.report() != nullptr));
  }
  co_return targets;
}

void MxHostSource::record_result(const ConnectTarget& target, const Connected& result) {
  TlsReport* const report = router_.report();
  if (report == nullptr || !target.report_policy) return;
  if (result.tls_failure) {
    report->failure(*target.report_policy, *result.tls_failure, TimePoint::now().wall);
  } else if (std::holds_alternative<Connection>(result.opened)) {
    report->success(*target.report_policy, TimePoint::now().wall);
  }
}

}  // namespace postern::smtp
