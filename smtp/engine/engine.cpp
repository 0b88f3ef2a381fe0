#include "smtp/engine/engine.h"

#include <algorithm>
#include <future>
#include <mutex>
#include <set>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/thread_signals.h"
#include "smtp/connect/options.h"
#include "smtp/engine/run_context.h"

namespace postern::smtp {
namespace {

/// The relays in the order in which they are to be tried.
std::vector<ConnectTarget> targets(const ClientOptions& options) {
  std::vector<ConnectTarget> all{relay_target(options, options.relay)};
  for (const Relay& relay : options.further_relays) all.push_back(relay_target(options, relay));
  return all;
}

MxRouterOptions router_options(const MxOptions& mx, TlsReport* report) {
  MxRouterOptions options;
  options.report = report;
  options.dns.forwarders = mx.dns_servers;
  options.dns.trust_anchor_file = mx.trust_anchor_file;
  options.port = mx.port;
  options.ipv4 = mx.ipv4;
  options.ipv6 = mx.ipv6;
  options.mta_sts.enabled = mx.mta_sts;
  options.mta_sts.cache_directory = mx.mta_sts_cache_directory;
  options.mta_sts.fetch.ca_file = mx.mta_sts_ca_file;
  options.mta_sts.fetch.port = mx.mta_sts_port;
  if (mx.hosts_on_this_machine) {
    options.own.addresses.clear();
    options.own.loopback = false;
  }
  return options;
}

/// If the domain's policies are ignored, the operator's requirements are too (RFC 8689 §4.2.2);
/// but a requirement of no TLS stays.
TlsRequirement wanted_tls(const DestinationSettings& settings, DomainPolicies policies) {
  TlsRequirement wanted;
  wanted.policy = settings.tls.value_or(settings.fingerprints.empty() ? TlsPolicy::may
                                                                      : TlsPolicy::fingerprint);
  wanted.fingerprints = settings.fingerprints;
  if (policies == DomainPolicies::ignored) wanted.policy = std::min(wanted.policy, TlsPolicy::may);
  return wanted;
}

}  // namespace

struct Client::Engine::PendingMessage {
  struct DestinationJob {
    Destination* destination;
    JobPointer job;
  };
  std::vector<Part> parts;  ///< that are not submitted yet
  std::vector<DestinationJob> jobs;
};

Client::Engine::Engine(ClientOptions options)
    : options_(prepared(std::move(options))),
      guard_(asio::make_work_guard(context_)),
      connector_(context_, options_),
      lookup_(context_) {
  if (options_->mx) {
    const MxOptions& mx = *options_->mx;
    if (!mx.tls_report_directory.empty()) {
      reports_.emplace(mx.tls_report_directory, connector_.helo_name());
    }
    TlsReport* const report = reports_ ? &reports_->report() : nullptr;
    router_ = std::make_unique<MxRouter>(context_, router_options(mx, report));
  } else {
    destinations_.emplace(
        DestinationKey{},
        std::make_unique<Destination>(
            context_, connector_, options_, shares_, "",
            ConcurrencyLimiter(options_->pace, options_->connections),
            std::make_unique<RelayHostSource>(targets(*options_), relay_lookup())));
  }
  thread_ = std::thread([this] {
    block_signals();
    run_context(context_);  // better no program than a silent one
  });
}

/// None behind a proxy, which looks the names up.
RelayHostSource::Lookup Client::Engine::relay_lookup() {
  if (!options_->proxy.empty()) return {};
  return [this](std::string host) { return lookup_.addresses(std::move(host)); };
}

Client::Engine::~Engine() {
  asio::post(context_, [this] { shut_down(); });
  {
    std::unique_lock lock(mutex_);
    delivered_.wait(lock, [this] { return deliveries_ == 0; });
  }
  thread_.join();
}

void Client::Engine::shut_down() {
  const SteadyTime abort_at = TimePoint::now().steady + options_->timeouts.quit;
  for (const auto& [key, destination] : destinations_) destination->shut_down(abort_at);
  lookup_.stop();
  if (router_) router_->stop();
  guard_.reset();
}

Delivery Client::Engine::deliver(const Envelope& envelope, const OctetSource& message,
                                 const std::stop_token& stop_token) {
  // Shared, because this call may return while set_value is still running on the engine's thread.
  const auto delivered = std::make_shared<std::promise<Delivery>>();
  // The caller's source outlives this call, and it is not read after the delivery is done.
  const std::shared_ptr<const OctetSource> source(std::shared_ptr<void>(), &message);
  start({envelope, source, stop_token, {}},
        [delivered](Delivery delivery) { delivered->set_value(std::move(delivery)); });
  return delivered->get_future().get();
}

/// Hears the stop token from the time at which the message has its jobs until it is done, both of
/// which happen on the engine's thread. What is stopped beforehand is not begun.
void Client::Engine::start(OutgoingMessage message, std::function<void(Delivery)> done) {
  struct Hearing {
    bool over = false;
    std::optional<std::stop_callback<std::function<void()>>> on_stop;
  };
  const auto hearing = std::make_shared<Hearing>();
  const auto token = message.stop;
  const auto pending =
      take(std::move(message), [hearing, done = std::move(done)](Delivery delivery) {
        hearing->over = true;
        hearing->on_stop.reset();
        done(std::move(delivery));
      });
  asio::post(context_, [this, hearing, token, pending] {
    submit(pending);
    if (token.stop_requested()) stop(*pending);
    if (hearing->over || !token.stop_possible()) return;
    hearing->on_stop.emplace(
        token, [this, pending] { asio::post(context_, [pending] { stop(*pending); }); });
  });
}

std::optional<std::string> Client::Engine::full_destination(
    const std::vector<std::string_view>& addresses,
    const std::function<bool(const std::string& destination)>& behind) {
  std::set<std::string> destinations;
  if (router_) {
    for (const auto address : addresses) destinations.insert(domain_of(address));
  } else {
    destinations.insert("");
  }
  std::optional<std::string> full;
  for (const std::string& destination : destinations) {
    const bool is_behind = behind && behind(destination);
    if (is_behind) shares_.wait(destination);
    if (!is_behind && shares_.has_room(destination)) return std::nullopt;
    if (!full) full = destination;
  }
  return full;
}

void Client::Engine::stop(const PendingMessage& pending) {
  for (const PendingMessage::DestinationJob& job : pending.jobs) {
    // The destination of a part that is done may be forgotten.
    const bool done = job.job->transfer.state() == MessageTransfer::State::finished;
    if (!done) job.destination->stop(job.job);
  }
}

std::vector<RouteStatus> Client::Engine::routes() {
  std::promise<std::vector<RouteStatus>> all;
  asio::post(context_, [&] {
    std::vector<RouteStatus> found;
    for (const auto& [domain, destination] : destinations_) found.push_back(destination->status());
    all.set_value(std::move(found));
  });
  return all.get_future().get();
}

void Client::Engine::resume() {
  asio::post(context_, [this] {
    for (const auto& [domain, destination] : destinations_) destination->resume();
  });
}

Client::Engine::PendingMessagePointer Client::Engine::take(OutgoingMessage message,
                                                           std::function<void(Delivery)> done) {
  {
    const std::scoped_lock lock(mutex_);
    ++deliveries_;
  }
  auto tell = [this, done = std::move(done)](Delivery delivery) {
    done(std::move(delivery));
    const std::scoped_lock lock(mutex_);
    --deliveries_;
    delivered_.notify_all();
  };
  auto pending = std::make_shared<PendingMessage>();
  if (router_) {
    pending->parts = distribute(std::move(message), std::move(tell));
  } else {
    pending->parts.push_back({"", std::move(message), std::move(tell)});
  }
  return pending;
}

void Client::Engine::submit(const PendingMessagePointer& pending) {
  forget_idle();  // before jobs of this order point to any
  for (Part& part : pending->parts) {
    Destination& to = destination(key_of(part));
    const auto job =
        std::make_shared<Job>(std::move(part.message), std::move(part.done), TimePoint::now());
    if (options_->transcripts) job->transfer.keep_transcript();
    pending->jobs.push_back({&to, job});
  }
  pending->parts.clear();
  for (const PendingMessage::DestinationJob& job : pending->jobs) job.destination->submit(job.job);
}

void Client::Engine::forget_idle() {
  if (!options_->mx || destinations_.size() <= options_->mx->max_domains) return;
  std::erase_if(destinations_, [](const auto& entry) { return entry.second->idle(); });
}

Client::Engine::DestinationKey Client::Engine::key_of(const Part& part) const {
  const Envelope& envelope = part.message.envelope;
  const bool relaxed = router_ && envelope.tls_required_no && !envelope.require_tls;
  return {part.domain, relaxed ? DomainPolicies::ignored : DomainPolicies::obeyed};
}

/// That of a domain without its policies is its own, and nobody waits for it.
std::string Client::Engine::share_of(const DestinationKey& key) {
  return key.policies == DomainPolicies::ignored ? key.domain + ' ' : key.domain;
}

Destination& Client::Engine::destination(const DestinationKey& key) {
  const auto found = destinations_.find(key);
  if (found != destinations_.end()) return *found->second;
  const DestinationSettings settings = settings_for(*options_, key.domain);
  auto hosts = std::make_unique<MxHostSource>(*router_, key.domain,
                                              wanted_tls(settings, key.policies), key.policies);
  return *destinations_
              .emplace(key,
                       std::make_unique<Destination>(
                           context_, connector_, options_, shares_, share_of(key),
                           ConcurrencyLimiter(settings.pace.value(), settings.connections.value()),
                           std::move(hosts)))
              .first->second;
}

Client::Client(ClientOptions options) : engine_(std::make_unique<Engine>(std::move(options))) {}
Client::~Client() = default;

Delivery Client::deliver(const Envelope& envelope, const OctetSource& message,
                         const std::stop_token& stop) {
  return engine_->deliver(envelope, message, stop);
}

std::vector<RouteStatus> Client::routes() {
  return engine_->routes();
}

void Client::resume() {
  engine_->resume();
}

std::optional<std::string> Client::full_destination(
    const std::vector<std::string_view>& addresses,
    const std::function<bool(const std::string& destination)>& behind) {
  return engine_->full_destination(addresses, behind);
}

void Client::start(OutgoingMessage message, std::function<void(Delivery)> done) {
  engine_->start(std::move(message), std::move(done));
}

}  // namespace postern::smtp
