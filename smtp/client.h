// The SMTP client: takes an envelope and a message, returns one outcome per recipient.
//
// A Client serves one route (a relay, and others to fall back to) or delivers to the mail hosts of
// the recipients' domains. It keeps connections open, reuses them, and runs its dialogues on one
// thread of its own, the engine's thread.
//
// Errors: the constructor throws std::invalid_argument with one sentence if the options cannot be
// used; if the process or its machine is out of descriptors, threads or memory, std::system_error,
// boost::system::system_error or std::bad_alloc. Later exhaustion is a RouteFault and no verdict.
// What happens to recipients is never an exception: it is an Outcome for each; why a whole route
// failed is a RouteFault.
//
// Threads: deliver, start, routes and resume may be called from any thread, also at the same time.
// Sources are opened and read, and callbacks are called, on the engine's thread. A callback may
// call start and resume; deliver, routes and the destructor wait for that thread and must not be
// called there.
//
// Lifetimes: envelopes are copied. A source must exist until its delivery is done: deliver only
// refers to the caller's, start shares it. By MX several readers of a source may be open at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "smtp/envelope.h"
#include "smtp/extension.h"
#include "smtp/rate.h"
#include "smtp/route_status.h"
#include "smtp/timeouts.h"
#include "smtp/tls_requirement.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// A server that takes mail for all domains: a smarthost, or an LMTP server.
struct Relay {
  std::string host;
  int port = 0;
  bool implicit_tls = false;  ///< smtps://
  bool lmtp = false;          ///< RFC 2033: without TLS and AUTH
  std::string socket_path;    ///< lmtp over a Unix socket; host and port are ignored then
  std::string user;           ///< empty: no AUTH
  std::string password;
  /// A file whose first line is the password, read whenever it is needed; empty: `password`.
  std::string password_file{};

  /// `smtp://[user[:password]@]host[:port]`, `smtps://…`, `lmtp://host[:port]` or
  /// `lmtp:///path/to/socket`; default ports 25, 465 and 24.
  /// Throws std::invalid_argument with one sentence for anything else.
  static Relay parse(std::string_view url);
  /// "smtp://host:port", without credentials, for messages to people.
  [[nodiscard]] std::string text() const;
};

/// Which of the extensions that a server offers may be used (smtp-transactions.md §3).
struct Modes {
  bool pipelining = true;  ///< RFC 2920: MAIL, RCPT and DATA in one flight
  bool grouping = true;    ///< the next message's MAIL, RCPT and DATA follow a content at once
  bool chunking = true;    ///< RFC 3030: the content in the same flight
  /// With chunking: messages that are in flight at once on one connection. It is also the number of
  /// messages whose outcome may become unknown when the connection is lost.
  std::size_t overlap = 1;
};

/// Delivery to the mail hosts of each recipient's domain instead of a relay (RFC 5321 §5), with
/// DANE (RFC 7672) and MTA-STS (RFC 8461) if the domains publish them.
struct MxOptions {
  int port = 25;
  bool ipv4 = true;
  bool ipv6 = true;
  std::vector<std::string> dns_servers;  ///< "address[@port]"; empty: those of /etc/resolv.conf
  /// The root's keys for DNSSEC; DANE applies only if they are given. They need DNS servers that
  /// pass signatures on.
  std::string trust_anchor_file;
  bool mta_sts = true;
  std::string mta_sts_cache_directory;  ///< empty: policies are kept in memory only
  std::string mta_sts_ca_file;          ///< PEM; empty: the system's
  int mta_sts_port = 443;
  /// The directory for TLS reports to the domains' owners (RFC 8460; the files:
  /// smtp/tls_report/files.h); empty: nothing is recorded. Messages with Envelope::tls_required_no
  /// are not counted.
  std::string tls_report_directory;
  /// Domains that are remembered, with their connections, rates and pauses. If there are more, the
  /// idle ones are forgotten.
  std::size_t max_domains = 1000;
  /// Mail hosts may have this machine's own addresses; otherwise mail for them is a loop.
  bool hosts_on_this_machine = false;
};

/// How many connections and how much mail each destination gets
/// (smtp/engine/concurrency_limiter.h). A destination is the relays together or one domain; a
/// domain's messages with Envelope::tls_required_no have a destination of their own.
struct PaceOptions {
  std::size_t first_connections = 5;  ///< at the start; ClientOptions::connections is the maximum
  Rate messages;                      ///< begun
  Rate recipients;                    ///< of the messages that are begun
  Rate connections;                   ///< attempted
  /// How long a destination that fails is suspended: the first time, and at most. If an operator
  /// has to act, it is the longest pause from the beginning.
  std::chrono::milliseconds first_pause{1'000};
  std::chrono::milliseconds longest_pause{300'000};
};

/// Settings that apply to one destination only.
struct DestinationSettings {
  std::optional<TlsPolicy> tls;
  std::vector<std::string> fingerprints;   ///< as ClientOptions::fingerprints
  std::optional<std::size_t> connections;  ///< by MX only
  std::optional<PaceOptions> pace;         ///< by MX only
};

/// Credentials are sent over TLS only: with them, `may` is refused, and so is `none`, unless the
/// relay is a loopback address, no proxy is used, and `none` was set here.
struct ClientOptions {
  /// If it is set, the relays are ignored, and `tls` applies to hosts whose domains publish no
  /// policy (default: may). Envelope::tls_required_no lowers it.
  std::optional<MxOptions> mx;
  Relay relay;  ///< without `mx`: the server that takes the mail
  /// Tried in their order if those before cannot be reached or cannot take the message.
  std::vector<Relay> further_relays;
  /// Default: fingerprint if fingerprints are given; verify for smtps:// and whenever there are
  /// credentials or the host is not loopback; may for a loopback relay without credentials; none
  /// for LMTP. `dane` cannot be set: its TLSA records come from the DNS.
  std::optional<TlsPolicy> tls;
  std::vector<std::string> fingerprints;  ///< as in TlsRequirement
  /// By domain, in lower case, or by Relay::text().
  std::map<std::string, DestinationSettings> destinations;
  std::string ca_file;             ///< PEM; empty: the system's
  std::string client_certificate;  ///< PEM, shown to servers that ask for one
  std::string client_key;          ///< PEM; empty: in the certificate's file
  /// The AUTH mechanisms that may be used, in any order; empty: as smtp/auth/auth_mechanism.h says.
  std::vector<std::string> auth_mechanisms;
  /// A program with its arguments that prints the access token of the relay's user.
  std::vector<std::string> token_command;
  std::string netrc_file;  ///< user names and passwords by host, for relays without a password
  std::string proxy;       ///< a URL as smtp/connect/proxy.h says; never taken from the environment
  /// EHLO's argument; empty: this machine's full name, or an address literal (RFC 5321 §4.1.4).
  std::string helo_name;
  std::size_t connections = 10;  ///< the maximum of open connections per destination
  PaceOptions pace;
  /// Called on the engine's thread whenever a route is suspended, when it works again, and when
  /// something was learned of it; must neither block nor throw.
  std::function<void(const RouteStatus&)> route_changed;
  /// Called on the engine's thread when a destination that Client::full_destination has named has
  /// room for so many messages; must neither block nor throw. Returns whether more than that wait
  /// for it.
  std::function<bool(const std::string& destination, std::size_t messages)> room;
  bool transcripts = false;  ///< fill Delivery::transcript
  Timeouts timeouts;
  Modes modes;                                 ///< the extensions that may be used
  std::vector<UnusedExtension> without;        ///< further ones that are not, by server
  std::size_t recipients_per_transaction = 0;  ///< at most; 0: as many as the server takes
};

/// A recipient's place in the envelope, and its outcome.
struct SettledRecipient {
  std::size_t recipient = 0;
  Outcome outcome;
};

/// A message for Client::start, which shares the source until the delivery is done.
struct OutgoingMessage {
  Envelope envelope;
  std::shared_ptr<const OctetSource> source;
  /// Aborts, as that of Client::deliver does.
  std::stop_token stop{};
  /// Called while recipients are left, after each transaction, with those that have their outcome
  /// now, perhaps more than once with one; before `done`, on the engine's thread; must neither
  /// block nor throw.
  std::function<void(const std::vector<SettledRecipient>&)> settled{};
};

/// Why a route could not be used, independently of the message: no connection, TLS, or a
/// configuration that an operator must correct (bad password, AUTH not offered, 530).
struct RouteFault {
  Outcome outcome;             ///< verdict retry
  bool configuration = false;  ///< true: an operator must act; false: temporary (connect, 4yz, TLS)
  /// The process or its machine is out of a resource. The route is not suspended for that: the
  /// caller should wait a little.
  bool out_of_resources = false;
  /// If no connection was opened: what both sides said, secrets masked.
  std::vector<std::string> transcript{};
  /// How long the route stays suspended, counted from now; messages given to it meanwhile get this
  /// fault at once, with Outcome::attempted false. Zero: it is not suspended, and the caller's own
  /// schedule decides about the next attempt.
  std::chrono::milliseconds retry_after{0};
};

/// What became of one message.
struct Delivery {
  std::vector<Outcome> recipients;        ///< one per envelope recipient, in order
  std::optional<RouteFault> route_fault;  ///< if a route could not be used
  /// With ClientOptions::transcripts: the dialogue for the message, secrets masked: "C: …" by us,
  /// "S: …" by the servers, "-- …" other events; at most 64 KiB a destination.
  std::vector<std::string> transcript{};
};

/// A client of one route, or of the mail hosts of all domains.
class Client {
 public:
  /// Throws std::invalid_argument with one sentence if the options contradict each other or cannot
  /// be used. Opens no connection yet.
  explicit Client(ClientOptions options);
  /// Ends idle connections with QUIT and aborts running deliveries as `stop` does; final replies
  /// are awaited for Timeouts::quit at most, then their recipients are `unknown`. Returns when
  /// every delivery is done.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Blocks until every recipient has an outcome. `message` must exist until it returns, and only
  /// its open and read may throw: the recipients then get `retry`. `stop` aborts: before the end of
  /// the content the connection is dropped and all unsettled recipients get `retry`; after it the
  /// reply is awaited.
  Delivery deliver(const Envelope& envelope, const OctetSource& message,
                   const std::stop_token& stop = {});

  /// The same without blocking: `done` is called once, on the engine's thread, and must neither
  /// block nor throw. Messages given one after the other are begun in that order.
  void start(OutgoingMessage message, std::function<void(Delivery)> done);

  /// The destination that a message to these addresses has to wait for, if none of its destinations
  /// takes one more now: each has a share in the air, so that a slow one is no hindrance to others.
  /// ClientOptions::room tells when there is room. nullopt: it may be started. `behind`: whether
  /// others wait for that destination, so that this one has to wait for its turn. To start a
  /// message all the same is allowed.
  std::optional<std::string> full_destination(
      const std::vector<std::string_view>& addresses,
      const std::function<bool(const std::string& destination)>& behind = {});

  /// The status of the routes in use. Not to be called on the engine's thread.
  [[nodiscard]] std::vector<RouteStatus> routes();

  /// Ends the pauses of all suspended routes, and forgets what was learned of servers: messages
  /// given from now on are tried.
  void resume();

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
