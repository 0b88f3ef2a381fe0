#include "tests/smtp/support/tls_play.h"

#include <array>
#include <poll.h>

#include <gtest/gtest.h>

#include "smtp/client.h"
#include "tests/smtp/support/network_server.h"

namespace postern::smtp::test {
namespace {

const Certificate& certificate() {
  static const Certificate made("DNS:localhost");
  return made;
}

/// Passes the server's octets on; returns false if there are none.
bool pass_on(ScriptedServer& server, Peer& peer) {
  std::array<char, 4096> octets;
  bool said = false;
  for (;;) {
    const StreamResult result = server.read(octets);
    if (result.state == StreamResult::State::closed) {
      peer.close();  // what it said is on its way: the end follows it
      throw Peer::Gone{};
    }
    if (result.state == StreamResult::State::would_block) return said;
    peer.say({octets.data(), result.octets});
    said = true;
  }
}

/// The server has stopped reading: until the client gives up.
void wait_for_end(const Peer& peer) {
  pollfd end{peer.socket(), POLLRDHUP, 0};
  ::poll(&end, 1, 30'000);
  throw Peer::Gone{};
}

void play(const Script& script, Peer& peer, Journal& journal) {
  peer.start_tls(certificate());
  peer.greet(script.ehlo);
  ScriptedServer server(script, {}, journal);
  for (;;) {
    pass_on(server, peer);
    const std::string octets = peer.take();
    if (octets == "QUIT\r\n") return peer.say("221 2.0.0 bye\r\n");
    for (std::string_view left = octets; !left.empty();) {
      const StreamResult result = server.write(left);
      left.remove_prefix(result.octets);
      const bool said = pass_on(server, peer);
      if (result.octets == 0 && !said) wait_for_end(peer);
    }
  }
}

Timeouts short_timeouts() {
  constexpr std::chrono::milliseconds time{700};
  Timeouts timeouts;
  timeouts.mail = timeouts.rcpt = timeouts.data = timeouts.content_block = timeouts.end =
      timeouts.rset = timeouts.quit = time;
  return timeouts;
}

}  // namespace

Played carry_over_tls(const std::vector<Script>& scripts, const Envelope& envelope,
                      const OctetSource& message) {
  Played run;
  run.servers.resize(scripts.size());
  run.in_chunks = !scripts.empty() && scripts[0].ehlo.find("CHUNKING") != std::string::npos;
  {
    NetworkServer server([&](Peer& peer, int connection) {
      const auto number = static_cast<std::size_t>(connection);
      if (number >= scripts.size()) {
        ADD_FAILURE() << "one more link was asked for";
        return;
      }
      play(scripts[number], peer, run.servers[number]);
    });
    ClientOptions options;
    options.relay = Relay::parse("smtps://localhost:" + std::to_string(server.port()));
    options.ca_file = certificate().file();
    options.connections = 1;
    options.timeouts = short_timeouts();
    run.delivery = Client(options).deliver(envelope, message);
  }
  return run;
}

}  // namespace postern::smtp::test
