#include "smtp/probe.h"

#include <exception>
#include <functional>
#include <memory>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "smtp/connect/connection_link.h"
#include "smtp/connect/connector.h"
#include "smtp/connect/options.h"
#include "smtp/dialogue/verdict.h"

namespace postern::smtp {
namespace {

/// After STARTTLS a server does not offer it again.
OfferedExtensions offered_by(const Connection& connection, const Relay& relay) {
  const Capabilities& server = connection.server;
  const bool tls_was_started = connection.tls && !relay.implicit_tls;
  return {.pipelining = server.pipelining,
          .chunking = server.chunking,
          .size = server.size,
          .size_limit = server.size_limit,
          .starttls = server.starttls || tls_was_started,
          .eight_bit_mime = server.eight_bit_mime,
          .smtputf8 = server.smtputf8,
          .dsn = server.dsn};
}

/// The connections of one probe, and the context that they run on.
class Prober {
 public:
  Prober(std::shared_ptr<const ClientOptions> options, const ProbeOptions& wanted)
      : options_(std::move(options)),
        wanted_(wanted),
        target_(relay_target(*options_, options_->relay)),
        connector_(context_, options_) {}

  Probe run(const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] {
      asio::post(context_, [this] {
        stop_ = true;
        event_->set();
      });
    });
    std::exception_ptr failure;
    // libcurl's timers and sockets would keep the context running.
    asio::co_spawn(context_, visit_again(), [&](const std::exception_ptr& thrown) {
      failure = thrown;
      context_.stop();
    });
    context_.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(seen_);
  }

 private:
  asio::awaitable<void> visit_again() {
    const SteadyTime end = TimePoint::now().steady + wanted_.longest;
    for (std::size_t visit = 0; visit < wanted_.connections; ++visit) {
      const SteadyTime start = TimePoint::now().steady;
      if (stop_ || seen_.fault || start >= end) co_return;
      Connected connected = co_await connector_.connect(target_, event_, stop_);
      const SteadyTime ready = TimePoint::now().steady;
      if (auto* fault = std::get_if<RouteFault>(&connected.opened)) {
        if (!stop_) seen_.fault = std::move(*fault);
        co_return;
      }
      seen_.connecting.push_back(ready - start);
      co_await measure(std::get<Connection>(std::move(connected.opened)));
    }
  }

  asio::awaitable<void> measure(Connection connection) {
    seen_.host = connection.host;
    seen_.tls = connection.tls_text;
    seen_.offered = offered_by(connection, target_.relay);
    ConnectionLink open(context_, std::move(connection), options_->timeouts);
    for (std::size_t trip = 0; trip < wanted_.round_trips && !stop_; ++trip) {
      const SteadyTime start = TimePoint::now().steady;
      co_await exchange(open, Command::rset);
      const SteadyTime answered = TimePoint::now().steady;
      note_fault(open.link());
      if (stop_ || seen_.fault) break;
      seen_.round_trips.push_back(answered - start);
    }
    if (open.link().ready(TimePoint::now())) co_await exchange(open, Command::quit);
  }

  asio::awaitable<void> exchange(ConnectionLink& open, Command command) {
    open.link().send_alone(command, TimePoint::now());
    while (const auto wait = open.link().answer_wait(TimePoint::now())) {
      if (stop_) co_return;
      if (wait->at_once) continue;
      open.watch(event_, wait->writable);
      co_await event_->wait(wait->deadline);
    }
  }

  /// Of a command that is always taken (RFC 5321 §4.1.1.5).
  void note_fault(Link& link) {
    const TimePoint now = TimePoint::now();
    const std::string& host = link.dialogue().host();
    constexpr int positive = 2;
    if (stop_ || (link.answer() && link.answer()->reply_class() == positive)) return;
    if (link.answer()) {
      seen_.fault = RouteFault{retry_outcome_of(Stage::ehlo, *link.answer(), host, now), false};
    } else if (const auto& loss = link.dialogue().loss()) {
      seen_.fault = RouteFault{outcome_of(*loss, Verdict::retry, Stage::ehlo, host, now), false};
    }
  }

  const std::shared_ptr<const ClientOptions> options_;
  const ProbeOptions wanted_;
  const ConnectTarget target_;
  asio::io_context context_{1};
  Connector connector_;
  const std::shared_ptr<AsyncEvent> event_ = std::make_shared<AsyncEvent>(context_);
  bool stop_ = false;
  Probe seen_;
};

}  // namespace

Probe probe(ClientOptions options, const ProbeOptions& wanted, const std::stop_token& stop) {
  return Prober(prepared(std::move(options)), wanted).run(stop);
}

}  // namespace postern::smtp
