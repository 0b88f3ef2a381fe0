// The SMTP client: takes an envelope and a message, gives one outcome per recipient.
//
// A Client serves one route (a relay, and others to fall back to) or delivers to the mail hosts of
// the recipients' domains. It keeps connections, reuses
// them, and runs its dialogues on one thread of its own; deliver may be called from many threads at
// once, each call blocking until its message has its verdicts. Recipients' results are values,
// never exceptions.
//
// Errors: options that cannot be used are std::invalid_argument, with one sentence. Where the
// process or its machine runs out of descriptors, threads or memory, the constructor throws
// std::system_error, boost::system::system_error or std::bad_alloc; afterwards that is a
// RouteFault, and no verdict.
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
#include "smtp/rate.h"
#include "smtp/route_status.h"
#include "smtp/timeouts.h"
#include "smtp/tls_requirement.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

struct Relay {
  std::string host;
  int port = 0;
  bool implicit_tls = false;  ///< smtps://
  bool lmtp = false;          ///< RFC 2033: in the clear and without AUTH
  std::string socket_path;    ///< lmtp over a Unix socket; host and port mean nothing then
  std::string user;           ///< empty: no AUTH
  std::string password;

  /// `smtp://[user[:password]@]host[:port]`, `smtps://…`, `lmtp://host[:port]` or
  /// `lmtp:///path/to/socket`; default ports 25, 465 and 24.
  /// Throws std::invalid_argument with one sentence for anything else.
  static Relay parse(std::string_view url);
  /// "smtp://host:port", without credentials, for people.
  [[nodiscard]] std::string text() const;
};

/// What may be used of that which a server offers (smtp-transactions.md §3).
struct Modes {
  bool pipelining = true;  ///< RFC 2920: MAIL, RCPT and DATA in one flight
  bool grouping = true;    ///< the next message's MAIL, RCPT and DATA behind a content's end
  bool chunking = true;    ///< RFC 3030: the content in the same flight
  /// Messages in chunks that are in flight at once on one connection. It is also the number of
  /// messages whose outcome may become unknown at once when the connection is lost.
  std::size_t overlap = 1;
};

/// Delivery to the mail hosts of each recipient's domain instead of a relay (RFC 5321 §5), with
/// DANE (RFC 7672) and MTA-STS (RFC 8461) where the domains ask for it.
struct MxOptions {
  int port = 25;
  bool ipv4 = true;
  bool ipv6 = true;
  std::vector<std::string> dns_servers;  ///< "address[@port]"; empty: those of /etc/resolv.conf
  /// The root's keys for DNSSEC; DANE applies only where they are given. They need DNS servers that
  /// pass signatures on.
  std::string trust_anchor_file;
  bool mta_sts = true;
  std::string mta_sts_cache_directory;  ///< empty: policies are kept in memory only
  std::string mta_sts_ca_file;          ///< PEM; empty: the system's
  int mta_sts_port = 443;
  /// Where what became of TLS is kept for reports to the domains' owners (RFC 8460), as
  /// smtp/tls_report/files.h says; empty: it is not recorded. Messages with
  /// Envelope::tls_required_no leave no trace there.
  std::string tls_report_directory;
  /// Domains that are remembered, with their connections and pace; beyond them those where nothing
  /// is under way, or yet to be minded, are forgotten.
  std::size_t max_domains = 1000;
  /// Mail hosts may be at this machine's own addresses; otherwise mail for them is a loop.
  bool hosts_on_this_machine = false;
};

/// How fast each destination (the relays together, or each domain, its messages with
/// Envelope::tls_required_no apart) is fed; see smtp/engine/concurrency_limiter.h.
struct PaceOptions {
  std::size_t first_connections = 5;  ///< at once; ClientOptions::connections are the most
  Rate messages;
  Rate recipients;   ///< of the messages that are begun
  Rate connections;  ///< tries included
  /// How long a destination that fails is left alone: at first, and at most. Where an operator has
  /// to mend something, it is the longest from the beginning.
  std::chrono::milliseconds first_pause{1'000};
  std::chrono::milliseconds longest_pause{300'000};
};

/// What is different for one destination.
struct DestinationSettings {
  std::optional<TlsPolicy> tls;
  std::vector<std::string> fingerprints;   ///< as ClientOptions::fingerprints
  std::optional<std::size_t> connections;  ///< by MX only
  std::optional<PaceOptions> pace;         ///< by MX only
};

/// Credentials go over TLS only: with them, `may` is refused, and so is `none`, unless the relay is
/// a loopback address, no proxy is on the way, and `none` was asked for here.
struct ClientOptions {
  /// Where it is set, the relays mean nothing, and `tls` is what is asked of hosts whose domains
  /// ask for nothing themselves (default: may). Envelope::tls_required_no asks for less.
  std::optional<MxOptions> mx;
  Relay relay;
  /// Tried in their order where those before cannot be reached or cannot take the message.
  std::vector<Relay> further_relays;
  /// Default: fingerprint where fingerprints are given; verify for smtps:// and whenever there are
  /// credentials or the host is not loopback; may for a loopback relay without credentials; none
  /// for LMTP. `dane` needs records, which come with a ConnectTarget only.
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
  std::string helo_name;   ///< EHLO argument; empty: the host's name
  std::size_t connections = 10;  ///< at most at once
  PaceOptions pace;
  /// Hears, on the engine's thread, whenever a route is suspended and when it works again; must
  /// neither block nor throw.
  std::function<void(const RouteStatus&)> route_changed;
  bool transcripts = false;  ///< keep them for Delivery::transcript
  Timeouts timeouts;
  Modes modes;
};

/// A message that a client has been given. The source outlives it; `start` shares it.
struct OutgoingMessage {
  Envelope envelope;
  std::shared_ptr<const OctetSource> source;
};

/// A configuration fault of the route: nothing was settled, the mail waits, the operator must act
/// (bad password, AUTH not offered, 530). Also the reason when a whole session failed.
struct RouteFault {
  Outcome outcome;             ///< verdict retry
  bool configuration = false;  ///< true: suspend the route; false: temporary (connect, 4yz, TLS)
  /// The process or its machine has run out of something, which is no fault of the route's: it is
  /// not left alone for that, and it is up to the caller to wait a little.
  bool out_of_resources = false;
  /// What both sides said until then, without secrets, where the connection was not opened.
  std::vector<std::string> transcript{};
  /// How long the route is left alone from now on because of it; zero: it is not.
  /// Outcome::attempted says whether this message was the one that met it.
  std::chrono::milliseconds retry_after{0};
};

struct Delivery {
  std::vector<Outcome> recipients;  ///< one per envelope recipient, in order
  std::optional<RouteFault> route_fault;
  /// With ClientOptions::transcripts: what was said for the message, secrets masked, "C: …" by us,
  /// "S: …" by the servers, "-- …" what happened besides; at most 64 KiB a destination.
  std::vector<std::string> transcript{};
};

class Client {
 public:
  /// Throws std::invalid_argument with one sentence where the options contradict each other or name
  /// what cannot be used. Connects to nothing yet.
  explicit Client(ClientOptions options);
  /// Ends idle connections with QUIT and aborts running deliveries as `stop` does; final replies
  /// are awaited for Timeouts::quit at most, then their recipients are `unknown`.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Blocks until every recipient has an outcome. `stop` aborts: before the end of the content the
  /// connection is dropped and all unsettled recipients get `retry`; behind it the reply is
  /// awaited.
  Delivery deliver(const Envelope& envelope, const OctetSource& message,
                   const std::stop_token& stop = {});

  /// The same without blocking: `done` hears the delivery once, on the engine's thread, and must
  /// neither block nor throw. Messages given one after the other are begun in that order.
  void start(OutgoingMessage message, std::function<void(Delivery)> done);

  /// How the routes in use stand. Not to be called on the engine's thread.
  [[nodiscard]] std::vector<RouteStatus> routes();

  /// Ends the pauses of all routes that are left alone: messages given from now on are tried.
  void resume();

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
