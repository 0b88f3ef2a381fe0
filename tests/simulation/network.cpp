#include "tests/simulation/network.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>

namespace postern::simulation {
namespace {

using namespace std::chrono_literals;
using smtp::ConnectFailure;
using Kind = ConnectFailure::Kind;

Network* the_network = nullptr;

struct Greeting {
  Kind kind;
  Stage stage;
  int code;  ///< 0: no reply
  const char* text;
};
/// How a connection comes to nothing. A refused password is the operator's.
constexpr std::array failures{
    Greeting{Kind::unreachable, Stage::connect, 0, "connection refused"},
    Greeting{Kind::unreachable, Stage::connect, 0, "no route to host"},
    Greeting{Kind::refused, Stage::greeting, 421, "4.3.2 too many connections"},
    Greeting{Kind::refused, Stage::greeting, 554, "5.3.2 no service here"},
    Greeting{Kind::refused, Stage::ehlo, 451, "4.3.0 local trouble"},
    Greeting{Kind::lost, Stage::ehlo, 0, "the connection was closed"},
    Greeting{Kind::not_smtp, Stage::greeting, 0, "it says hello"},
    Greeting{Kind::refused, Stage::auth, 535, "5.7.8 wrong password"},
    Greeting{Kind::timed_out, Stage::greeting, 0, "no greeting"},
    Greeting{Kind::no_resources, Stage::connect, 0, "no file descriptor is left"},
};

ConnectFailure failure_of(const Greeting& greeting) {
  return {greeting.kind, greeting.stage, greeting.text, {greeting.code, greeting.text}};
}

}  // namespace

Network::Network(ServerWorld world, Agenda& agenda, const NetworkDay& day)
    : world_(world), agenda_(agenda), day_(day) {
  for (std::size_t i = 0; i < day.domains; ++i) domains_.push_back(make_domain(i));
  for (const char* relay : relays) relays_.push_back(make_host(relay));
  the_network = this;
}

Network::~Network() {
  the_network = nullptr;
}

Network& Network::current() {
  if (the_network == nullptr) throw std::logic_error("there is no simulated network");
  return *the_network;
}

Network::Domain Network::make_domain(std::size_t number) {
  auto& chance = world_.chance;
  Domain domain;
  domain.name = fmt::format("d{}.example", number);
  if (number > 0 && chance.one_in(30)) domain.names = Names::missing;
  const auto hosts = 1 + chance.below(2);
  for (std::size_t i = 0; i < hosts; ++i) {
    domain.hosts.push_back(make_host(fmt::format("mx{}.{}", i, domain.name)));
  }
  return domain;
}

Network::Host Network::make_host(const std::string& name) {
  auto& chance = world_.chance;
  Host host;
  host.name = name;
  for (const char* extension : {"PIPELINING", "CHUNKING", "DSN", "8BITMIME", "SMTPUTF8", "SIZE"}) {
    if (chance.one_in(3)) host.without_extensions.emplace_back(extension);
  }
  host.most_recipients = chance.one_in(4) ? 1 + chance.below(6) : 1000;
  if (chance.per_mille(day_.is_away)) {
    host.away_from = agenda_.now() + std::chrono::minutes{chance.below(300)};
    host.away_until =
        host.away_from + std::chrono::minutes{1 + chance.below(chance.one_in(4) ? 20'000 : 600)};
  }
  return host;
}

const std::string& Network::some_domain() const {
  return world_.chance.pick(domains_).name;
}

Names Network::look_up(const std::string& domain) {
  if (is_cut_ || world_.chance.per_mille(day_.refuses_connections / 4)) return Names::unanswered;
  const auto found = std::ranges::find(domains_, domain, &Domain::name);
  return found == domains_.end() ? Names::missing : found->names;
}

std::vector<std::string> Network::hosts_of(const std::string& domain) const {
  std::vector<std::string> names;
  for (const Host& host : std::ranges::find(domains_, domain, &Domain::name)->hosts) {
    names.push_back(host.name);
  }
  return names;
}

const Network::Host& Network::host(const std::string& name) const {
  const auto relay = std::ranges::find(relays_, name, &Host::name);
  if (relay != relays_.end()) return *relay;
  for (const Domain& domain : domains_) {
    const auto found = std::ranges::find(domain.hosts, name, &Host::name);
    if (found != domain.hosts.end()) return *found;
  }
  throw std::logic_error("there is no host " + name);
}

bool Network::is_away(const Host& host) const {
  return host.away_from <= agenda_.now() && agenda_.now() < host.away_until;
}

std::optional<ConnectFailure> Network::failure(const Host& host) {
  if (is_cut_) return ConnectFailure{Kind::lost, Stage::connect, "the process ends", {}};
  if (is_away(host)) return ConnectFailure{Kind::timed_out, Stage::connect, "no answer", {}};
  if (!world_.chance.per_mille(day_.refuses_connections)) return std::nullopt;
  return failure_of(world_.chance.pick(failures));
}

std::shared_ptr<Opening> Network::open(const std::string& name, Span limit,
                                       const std::shared_ptr<smtp::AsyncEvent>& event) {
  auto opening = std::make_shared<Opening>();
  const Host& target = host(name);
  const auto why = failure(target);
  const bool takes_time = !is_cut_ && (is_away(target) || world_.chance.one_in(4));
  const Span delay = is_away(target) ? limit : Span{1ms * (1 + world_.chance.below(2000))};
  const auto decide = [this, &target, why, weak = std::weak_ptr(opening),
                       wakes = std::weak_ptr(event)] {
    const auto self = weak.lock();
    if (!self || self->result) return;
    if (why) {
      world_.ledger.figures().add(Count::refused_connections);
      world_.trace.note(std::nullopt,
                        [&] { return target.name + " is not reached: " + why->detail; });
      self->result = *why;
    } else {
      self->result = connect(target);
    }
    if (const auto waiting = wakes.lock()) waiting->set();
  };
  if (takes_time) {
    std::erase_if(pending_, [](const Pending& one) { return one.opening.expired(); });
    pending_.push_back({opening, event});
    agenda_.after(delay, decide);
  } else {
    decide();
  }
  return opening;
}

smtp::Connection Network::connect(const Host& host) {
  auto& chance = world_.chance;
  world_.ledger.figures().add(Count::connections);
  const bool is_narrow = chance.per_mille(day_.servers.takes_octets_singly);
  const auto wire =
      std::make_shared<Wire>(agenda_, is_narrow ? 1 + chance.below(40) : std::size_t{1} << 20);
  std::erase_if(wires_, [](const auto& one) { return one.expired(); });
  wires_.push_back(wire);
  const auto session = std::make_shared<ServerSession>(
      world_, day_.servers, host.name, host.without_extensions, host.most_recipients, wire);
  const auto hello = session->hello();
  ServerSession::begin(session);
  smtp::ReplyParser parser;
  std::string_view octets = hello;
  smtp::Connection connection;
  connection.server = smtp::Capabilities::parse(parser.parse(octets).value());
  connection.stream = std::make_unique<WireStream>(wire);
  connection.host = host.name + "[192.0.2.1]";
  connection.server_name = host.name;
  return connection;
}

bool Network::work() {
  return context_ != nullptr && context_->poll() > 0;
}

void Network::cut_all() {
  is_cut_ = true;
  for (const auto& weak : wires_) {
    if (const auto wire = weak.lock()) wire->cut();
  }
  for (const auto& [weak, event] : std::exchange(pending_, {})) {
    const auto opening = weak.lock();
    if (!opening || opening->result) continue;
    opening->result = ConnectFailure{Kind::lost, Stage::connect, "the process ends", {}};
    if (const auto waiting = event.lock()) waiting->set();
  }
}

void Network::let_end() {
  {
    const std::scoped_lock lock(mutex_);
    may_end_ = true;
  }
  ended_.notify_all();
}

void Network::wait_for_end() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return may_end_; });
}

void Network::begin_anew() {
  const std::scoped_lock lock(mutex_);
  may_end_ = false;
  is_cut_ = false;
}

}  // namespace postern::simulation
