#include "smtp/hosts.h"

namespace postern::smtp {
namespace {

ConnectTarget target_of(Candidate candidate) {
  ConnectTarget target;
  target.relay.host = std::move(candidate.name);
  target.relay.port = candidate.port;
  target.tls = std::move(candidate.tls);
  target.address = std::move(candidate.address);
  target.authentic = candidate.authentic;
  return target;
}

}  // namespace

std::string RelayHosts::name() const {
  std::string all;
  for (const ConnectTarget& target : targets_) {
    if (!all.empty()) all += ", ";
    all += target.relay.text();
  }
  return all;
}

std::string MxHosts::name() const {
  return policies_ == DomainPolicies::ignored ? domain_ + " (TLS-Required: No)" : domain_;
}

asio::awaitable<Hosts::Found> MxHosts::find() {
  MxRouter::Route route = co_await router_.candidates(domain_, wanted_, policies_);
  if (auto* outcome = std::get_if<Outcome>(&route)) co_return std::move(*outcome);
  std::vector<ConnectTarget> targets;
  for (Candidate& candidate : std::get<Candidates>(route)) {
    targets.push_back(target_of(std::move(candidate)));
  }
  co_return targets;
}

}  // namespace postern::smtp
