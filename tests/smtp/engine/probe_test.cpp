// A look at a relay: what is measured and noticed there, and what a server hears of it.
#include "smtp/probe.h"

#include <future>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/support/loopback.h"
#include "tests/smtp/support/network_options.h"
#include "tests/smtp/support/network_server.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view rich =
    "250-test.example\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"
    "250-SMTPUTF8\r\n250 DSN\r\n";
constexpr std::string_view poor = "250 test.example\r\n";

/// Answers whatever comes up to QUIT, and notes it.
class WillingServer {
 public:
  explicit WillingServer(std::string_view ehlo, const std::string& reply = "250 ok\r\n")
      : server_([this, ehlo, reply](Peer& peer, int) {
          peer.greet(ehlo);
          for (std::string line = peer.line();; line = peer.line()) {
            const std::scoped_lock lock(mutex_);
            commands_.push_back(line);
            peer.say(line == "QUIT" ? "221 bye\r\n" : reply);
            if (line == "QUIT") return;
          }
        }) {}

  [[nodiscard]] const NetworkServer& network() const { return server_; }
  std::vector<std::string> commands() {
    const std::scoped_lock lock(mutex_);
    return commands_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> commands_;
  NetworkServer server_;
};

TEST(Probe, MeasuresConnectionsAndRoundTripsAndSendsNoMail) {
  WillingServer server(rich);
  const Probe seen =
      probe(options_for(server.network()), {.connections = 2, .round_trips = 3, .longest = 10s});
  EXPECT_FALSE(seen.fault);
  EXPECT_EQ(seen.connecting.size(), 2U);
  EXPECT_EQ(seen.round_trips.size(), 6U);
  EXPECT_THAT(seen.connecting, testing::Each(testing::Gt(0ns)));
  EXPECT_THAT(seen.round_trips, testing::Each(testing::Gt(0ns)));
  EXPECT_EQ(server.network().connections(), 2);
  EXPECT_THAT(server.commands(),
              testing::ElementsAre("RSET", "RSET", "RSET", "QUIT", "RSET", "RSET", "RSET", "QUIT"));
}

TEST(Probe, TellsWhatIsOffered) {
  WillingServer server(rich);
  const Probe seen = probe(options_for(server.network()), {.connections = 1, .round_trips = 0});
  EXPECT_TRUE(seen.offered.pipelining && seen.offered.chunking && seen.offered.size &&
              seen.offered.eight_bit_mime && seen.offered.smtputf8 && seen.offered.dsn);
  EXPECT_FALSE(seen.offered.starttls);
  EXPECT_EQ(seen.offered.size_limit, 1000U);
  EXPECT_THAT(seen.host, testing::HasSubstr("127.0.0.1"));

  WillingServer other(poor);
  const Probe less = probe(options_for(other.network()), {.connections = 1, .round_trips = 0});
  EXPECT_FALSE(less.offered.pipelining || less.offered.chunking || less.offered.size ||
               less.offered.eight_bit_mime || less.offered.smtputf8 || less.offered.dsn);
  EXPECT_FALSE(less.offered.size_limit);
}

TEST(Probe, StarttlsThatWasUsedWasOffered) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet("250-test.example\r\n250 STARTTLS\r\n");
    EXPECT_EQ(peer.line(), "STARTTLS");
    peer.say("220 go ahead\r\n");
    peer.start_tls(localhost_certificate());
    peer.line();
    peer.say(poor);
    peer.line();
    peer.say("221 bye\r\n");
  });
  ClientOptions options = options_for(server);
  options.ca_file = localhost_certificate().file();
  options.tls = TlsPolicy::verify;
  const Probe seen = probe(options, {.connections = 1, .round_trips = 0});
  ASSERT_FALSE(seen.fault) << seen.fault->outcome.text;
  EXPECT_TRUE(seen.offered.starttls);
  EXPECT_THAT(seen.tls, testing::StartsWith("TLSv1"));
}

TEST(Probe, ServerThatIsAwayIsAFault) {
  ClientOptions options;
  options.relay = Relay::parse("smtp://127.0.0.1:" + std::to_string(free_port()));
  const Probe seen = probe(options);
  ASSERT_TRUE(seen.fault);
  EXPECT_EQ(seen.fault->outcome.stage, Stage::connect);
  EXPECT_TRUE(seen.connecting.empty());
}

TEST(Probe, RefusalsAndLossesEndItWithWhatWasSaid) {
  WillingServer refusing(poor, "502 5.5.1 not here\r\n");
  const Probe refused = probe(options_for(refusing.network()));
  ASSERT_TRUE(refused.fault);
  EXPECT_EQ(refused.fault->outcome.code, 502);
  EXPECT_EQ(refused.connecting.size(), 1U);
  EXPECT_TRUE(refused.round_trips.empty());
  EXPECT_THAT(refusing.commands(), testing::ElementsAre("RSET", "QUIT"));

  NetworkServer closing([](Peer& peer, int) {
    peer.greet(poor);
    peer.line();
    peer.close();
  });
  const Probe lost = probe(options_for(closing));
  ASSERT_TRUE(lost.fault);
  EXPECT_EQ(lost.fault->outcome.code, 0);
}

TEST(Probe, AStopEndsItWhileTheServerIsSilent) {
  std::promise<void> asked;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet(poor);
    peer.line();
    asked.set_value();
    peer.line();
  });
  std::stop_source stop;
  auto seen = std::async(std::launch::async,
                         [&] { return probe(options_for(server), {}, stop.get_token()); });
  asked.get_future().wait();
  stop.request_stop();
  const Probe stopped = seen.get();
  EXPECT_FALSE(stopped.fault);
  EXPECT_EQ(stopped.connecting.size(), 1U);
  EXPECT_TRUE(stopped.round_trips.empty());
}

TEST(Probe, OptionsThatCannotBeUsedAreRefused) {
  ClientOptions options;
  options.relay = Relay::parse("smtp://ann:secret@mail.example");
  options.tls = TlsPolicy::none;
  EXPECT_THROW(probe(options), std::invalid_argument);
}

}  // namespace
}  // namespace postern::smtp::test
