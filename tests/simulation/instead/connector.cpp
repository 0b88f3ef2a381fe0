// In place of smtp/connect/connector.cpp: connections of the simulated network instead of
// libcurl's.
#include "smtp/connect/connector.h"

#include "smtp/connect/fault.h"
#include "tests/simulation/network.h"

namespace postern::smtp {

Connector::Connector(asio::io_context& context, std::shared_ptr<const ClientOptions> options)
    : context_(context),
      options_(std::move(options)),
      token_command_(context, {}, options_->timeouts.token_command),
      multi_(context),
      sessions_{} {
  simulation::Network::current().attach(context_);
}

Connector::~Connector() {
  simulation::Network::current().detach();
}

asio::awaitable<Connected> Connector::connect(ConnectTarget target,
                                              std::shared_ptr<AsyncEvent> event, const bool& stop) {
  const auto limit = target.connect_limit.value_or(options_->timeouts.connect);
  const auto opening = simulation::Network::current().open(target.relay.host, limit, event);
  while (!opening->result && !stop) co_await event->wait(std::nullopt);
  auto result = opening->result
                    ? std::move(*opening->result)
                    : ConnectFailure{ConnectFailure::Kind::stopped, Stage::connect, {}, {}};
  if (auto* connection = std::get_if<Connection>(&result)) {
    Connected connected{std::move(*connection), {}};
    co_return connected;
  }
  Connected failed{
      connect_fault(std::get<ConnectFailure>(result), target.relay, "", TimePoint::now()), {}};
  co_return failed;
}

}  // namespace postern::smtp
