// A small SMTP server for demonstrations and tests: it keeps what it gets and misbehaves on
// request.
//
// The library behind `postern catch`. It listens on one address (a loopback one unless told
// otherwise), takes every message and keeps envelope and octets exactly as received, in memory or
// as NNNNNN.eml with NNNNNN.json (message.h) in a directory. Each file is written under a temporary
// name and renamed when whole, the .eml first: whoever sees a .json finds both complete. Files are
// not forced to the disk. A directory belongs to one catcher at a time; numbers go on behind what
// is there.
//
// Extensions: PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN, ENHANCEDSTATUSCODES, CHUNKING, HELP, and
// STARTTLS and AUTH PLAIN LOGIN where a certificate and a user are given. Names like `refuse-550@`
// make it refuse, wait or hang up: see behaviour.h for the table.
//
// Hostile input costs bounded memory and time: lines, envelopes, content, connections, commands
// without a message and waits have limits. It relays nothing and looks nothing up.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "catcher/message.h"

namespace boost::asio {
class io_context;
}

namespace postern::catcher {

/// Every member has its default, for designated initializers to pick from.
struct Options {
  std::string address = "127.0.0.1";  ///< numeric, IPv4 or IPv6
  std::uint16_t port = 0;             ///< 0: any free one, see Catcher::port
  std::string host_name = "catcher.localhost";

  /// Where messages go; made if absent. Empty: memory, for messages up to `memory_limit` together.
  std::filesystem::path directory{};
  /// Announced as SIZE. In memory, `memory_limit` is announced where it is less.
  std::uint64_t maximum_message_size = std::uint64_t{4} << 30;
  /// Octets of envelopes and of content kept in memory, running transactions included. Once it is
  /// used up, memory answers 452 4.3.1, whereas with a directory the oldest messages are forgotten
  /// by `messages` (their files stay).
  std::size_t memory_limit = std::size_t{64} << 20;

  std::size_t maximum_connections = 1000;  ///< at once; further ones are answered 421
  std::size_t maximum_recipients = 1000;   ///< of one message; further ones are answered 452 4.5.3
  /// Commands since the last message kept, accepted RCPTs aside; then 421.
  std::size_t maximum_commands = 10'000;
  std::chrono::milliseconds command_timeout{
      300'000};  ///< for a whole command line (or TLS handshake)
  std::chrono::milliseconds content_timeout{180'000};  ///< for each block of content

  /// PEM files (chain and key). Both given: STARTTLS is offered, and AUTH inside TLS only.
  std::filesystem::path certificate_file{};
  std::filesystem::path key_file{};
  bool implicit_tls = false;  ///< TLS from the first octet (smtps) instead of STARTTLS

  std::string user{};  ///< empty: AUTH is not offered
  std::string password{};
  bool require_authentication = false;  ///< MAIL is answered 530 before AUTH

  /// Extensions not to be offered, by their EHLO keyword, e.g. "PIPELINING".
  std::vector<std::string> without_extensions{};

  /// Both are called on the catcher's thread, one call at a time, and must not throw.
  std::function<void(const CaughtMessage&)> on_message{};
  /// One line of text about each connection, refusal, message; free of control characters and
  /// secrets.
  std::function<void(const std::string&)> on_event{};
};

class Catcher {
 public:
  /// Listens, and serves on a thread of its own. Throws std::runtime_error with one sentence for an
  /// address, directory or certificate that cannot be used, std::invalid_argument for options
  /// that contradict each other.
  explicit Catcher(Options options);
  /// The same, served by whoever runs `context`, from any number of threads.
  Catcher(Options options, boost::asio::io_context& context);
  ~Catcher();  ///< stops
  Catcher(const Catcher&) = delete;
  Catcher& operator=(const Catcher&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  /// The messages kept so far, in the order of their numbers. Content in memory is shared.
  [[nodiscard]] std::vector<CaughtMessage> messages() const;
  /// How many were kept since the start, forgotten ones included.
  [[nodiscard]] std::uint64_t count() const;
  /// Waits until `count()` is at least `count`; false when the time is up.
  bool wait_for(std::uint64_t count, std::chrono::milliseconds limit) const;

  /// Closes the port and every connection; half a message leaves nothing behind. The own thread has
  /// ended on return (unless called from a callback on it). May be called again.
  void stop();

 private:
  class Server;
  std::shared_ptr<Server> server_;
};

}  // namespace postern::catcher
