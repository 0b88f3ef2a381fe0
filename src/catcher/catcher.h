// A small SMTP server for demonstrations and tests: it stores what it receives and misbehaves on
// request.
//
// The library behind `postern catch`. It listens on one address (a loopback one by default),
// accepts every message and stores envelope and octets exactly as received, in memory or as
// NNNNNN.eml with NNNNNN.json (message.h) in a directory. Each file is written under a temporary
// name and renamed when complete, the .eml first, so that both are complete when the .json is
// there. Files are not synchronised to the disk. A directory belongs to one catcher at a time;
// numbers continue after those in it.
//
// Extensions: PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN, ENHANCEDSTATUSCODES, CHUNKING, HELP, and
// STARTTLS and AUTH PLAIN LOGIN if a certificate and a user are given. Names like `refuse-550@`
// make it refuse, wait or hang up: see behaviour.h for the table.
//
// Hostile input costs bounded memory and time: lines, envelopes, content, connections, commands
// without a message and waits have limits. It does not relay and makes no look-ups.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "catcher/options.h"

namespace boost::asio {
class io_context;
}

namespace postern::catcher {

class Catcher {
 public:
  /// Listens, and serves on a thread of its own. Throws std::runtime_error with one sentence for an
  /// address, directory or certificate that cannot be used, std::invalid_argument for options
  /// that contradict each other, std::system_error if there is no thread.
  explicit Catcher(CatcherOptions options);
  /// The same, on the threads that run `context`, of which there may be several.
  Catcher(CatcherOptions options, boost::asio::io_context& context);
  ~Catcher();  ///< stops
  Catcher(const Catcher&) = delete;
  Catcher& operator=(const Catcher&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  /// The messages stored so far, in the order of their numbers. Content in memory is shared.
  [[nodiscard]] std::vector<CaughtMessage> messages() const;
  /// The number stored since the start, including those no longer in `messages`.
  [[nodiscard]] std::uint64_t count() const;
  /// Waits until `count()` is at least `count`; returns false when the time is over.
  bool wait_for(std::uint64_t count, std::chrono::milliseconds limit) const;

  /// Closes the port and every connection; incomplete messages are discarded. Its own thread has
  /// ended on return (unless called from a callback on it). May be called again.
  void stop();

 private:
  class Server;
  std::shared_ptr<Server> server_;
};

}  // namespace postern::catcher
