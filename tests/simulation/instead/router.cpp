// In place of smtp/mx/router.cpp: names of the simulated network instead of the DNS.
#include "smtp/mx/router.h"

#include "smtp/dialogue/verdict.h"
#include "tests/simulation/network.h"

namespace postern::smtp {

struct MxRouter::Core {};

MxRouter::MxRouter(asio::io_context&, MxRouterOptions) {}

MxRouter::~MxRouter() = default;

asio::awaitable<MxRouter::Route> MxRouter::candidates(std::string domain, TlsRequirement wanted,
                                                      DomainPolicies) {
  auto& network = simulation::Network::current();
  const auto now = TimePoint::now().wall;
  switch (network.look_up(domain)) {
    case simulation::Names::missing:
      co_return no_route(Verdict::failed, {5, 1, 2}, "there is no domain " + domain, now);
    case simulation::Names::unanswered:
      co_return no_route(Verdict::retry, {4, 4, 3}, "the look-up of " + domain + " has failed",
                         now);
    case simulation::Names::found:
      break;
  }
  Candidates candidates;
  for (const auto& name : network.hosts_of(domain)) {
    candidates.push_back({name, "192.0.2.1", 25, static_cast<int>(candidates.size()), wanted});
  }
  co_return candidates;
}

TlsReport* MxRouter::report() const {
  return nullptr;
}

void MxRouter::stop() {}

}  // namespace postern::smtp
