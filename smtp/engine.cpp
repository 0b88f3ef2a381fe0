#include "smtp/engine.h"

#include <algorithm>
#include <csignal>
#include <future>
#include <mutex>
#include <utility>

#include <boost/asio/post.hpp>

namespace postern::smtp {
namespace {

ClientOptions prepared(ClientOptions options) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  options.connections = std::max<std::size_t>(options.connections, 1);
  return options;
}

/// The program's signals are not this thread's business, and OpenSSL's writes must not raise
/// SIGPIPE in it.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

/// The relays in the order in which they are to be tried.
std::vector<ConnectTarget> targets(const ClientOptions& options) {
  std::vector<ConnectTarget> all{relay_target(options)};
  for (const Relay& relay : options.further_relays) {
    ClientOptions further = options;
    further.relay = relay;
    all.push_back(relay_target(further));
  }
  return all;
}

}  // namespace

Client::Engine::Engine(ClientOptions options)
    : options_(prepared(std::move(options))),
      guard_(asio::make_work_guard(context_)),
      connector_(context_, options_),
      destination_(context_, connector_, options_, targets(options_)),
      thread_([this] {
        block_signals();
        context_.run();
      }) {}

Client::Engine::~Engine() {
  asio::post(context_, [this] {
    destination_.shut_down(present().steady + options_.timeouts.quit);
    guard_.reset();
  });
  {
    std::unique_lock lock(mutex_);
    left_.wait(lock, [this] { return deliveries_ == 0; });
  }
  thread_.join();
}

Delivery Client::Engine::deliver(const Envelope& envelope, const OctetSource& message,
                                 const std::stop_token& stop_token) {
  // Shared, because it may be waited for, and gone here, before it has quite been fulfilled there.
  const auto delivered = std::make_shared<std::promise<Delivery>>();
  // The caller's source outlives this call, and nobody reads it when the delivery is done.
  const std::shared_ptr<const OctetSource> source(std::shared_ptr<void>(), &message);
  const JobPointer job = take({envelope, source}, [delivered](Delivery delivery) {
    delivered->set_value(std::move(delivery));
  });
  const std::stop_callback on_stop(
      stop_token, [this, job] { asio::post(context_, [this, job] { destination_.stop(job); }); });
  return delivered->get_future().get();
}

void Client::Engine::start(OutgoingMessage message, std::function<void(Delivery)> done) {
  take(std::move(message), std::move(done));
}

JobPointer Client::Engine::take(OutgoingMessage message, std::function<void(Delivery)> done) {
  {
    const std::scoped_lock lock(mutex_);
    ++deliveries_;
  }
  auto tell = [this, done = std::move(done)](Delivery delivery) {
    done(std::move(delivery));
    const std::scoped_lock lock(mutex_);
    --deliveries_;
    left_.notify_all();
  };
  auto job =
      std::make_shared<Job>(std::move(message), destination_.memory(), std::move(tell), present());
  asio::post(context_, [this, job] { destination_.submit(job); });
  return job;
}

Client::Client(ClientOptions options) : engine_(std::make_unique<Engine>(std::move(options))) {}
Client::~Client() = default;

Delivery Client::deliver(const Envelope& envelope, const OctetSource& message,
                         const std::stop_token& stop) {
  return engine_->deliver(envelope, message, stop);
}

void Client::start(OutgoingMessage message, std::function<void(Delivery)> done) {
  engine_->start(std::move(message), std::move(done));
}

}  // namespace postern::smtp
