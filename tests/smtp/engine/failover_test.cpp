// Several hosts for one destination: one that cannot be reached or cannot take the message is
// passed over (smtp-transactions.md §5, rows 1, 2, 12 and 77).
#include <future>
#include <stop_token>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/client.h"
#include "tests/smtp/support/letter.h"
#include "tests/smtp/support/network_server.h"
#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using testing::HasSubstr;

Relay at(int port) {
  return Relay::parse("smtp://127.0.0.1:" + std::to_string(port));
}

Relay at(const NetworkServer& server) {
  return at(server.port());
}

/// A port without a listener.
int dead_port() {
  const NetworkServer gone([](Peer&, int) {});
  return gone.port();
}

NetworkServer::Play willing(std::string ehlo = "250-mx\r\n250 PIPELINING\r\n") {
  return [ehlo = std::move(ehlo)](Peer& peer, int) {
    peer.greet(ehlo);
    peer.serve();
  };
}

ClientOptions options_for(std::vector<Relay> relays) {
  ClientOptions options;
  options.relay = relays.front();
  options.further_relays.assign(relays.begin() + 1, relays.end());
  options.connections = 1;
  return options;
}

TEST(Failover, Row01HostThatRefusesTheConnectionIsPassedOver) {
  const NetworkServer second(willing());
  Client client(options_for({at(dead_port()), at(second)}));
  const Delivery delivery = client.deliver(envelope_to({"a@x"}), letter);
  EXPECT_EQ(delivery.recipients[0].verdict, Verdict::delivered);
  EXPECT_FALSE(delivery.route_fault);
}

TEST(Failover, RelayMayHaveATlsPolicyOfItsOwn) {
  const NetworkServer first(willing());
  const NetworkServer second(willing());
  ClientOptions options = options_for({at(first), at(second)});
  options.destinations[at(first).text()].tls = TlsPolicy::encrypt;
  Client client(options);
  EXPECT_EQ(client.deliver(envelope_to({"a@x"}), letter).recipients[0].verdict, Verdict::delivered);
  EXPECT_EQ(second.connections(), 1) << "the first one offers no STARTTLS";
  options.destinations[at(second).text()].tls = TlsPolicy::fingerprint;
  EXPECT_THROW(Client{options}, std::invalid_argument);
}

TEST(Failover, HostThatEndsLinksBeforeItAnswersIsNotTriedFirstAgainSoon) {
  const NetworkServer first([](Peer& peer, int) {
    peer.greet("250 mx\r\n");
    peer.line();
  });
  const NetworkServer second(willing());
  Client client(options_for({at(first), at(second)}));
  const Envelope envelope = envelope_to({"a@x"});
  EXPECT_EQ(client.deliver(envelope, letter).recipients[0].verdict, Verdict::delivered);
  EXPECT_EQ(client.deliver(envelope, letter).recipients[0].verdict, Verdict::delivered);
  EXPECT_EQ(first.connections(), 1);
}

TEST(Failover, HostThatTurnsTheMessageAwayIsFollowedByTheNext) {
  for (const char* answer : {"554 no service\r\n", "421 busy\r\n", ""}) {
    for (const char* at_command : {"", "EHLO", "MAIL"}) {
      const NetworkServer first([&](Peer& peer, int) {
        const std::string_view until = at_command;
        if (!until.empty()) peer.say("220 mx\r\n");
        if (until == "MAIL") {
          peer.line();
          peer.say("250 mx\r\n");
        }
        if (!until.empty()) peer.line();
        if (until == "MAIL" && answer[0] == '5') return peer.say("421 4.3.2 later\r\n");
        peer.say(answer);
      });
      const NetworkServer second(willing());
      Client client(options_for({at(first), at(second)}));
      const Delivery delivery = client.deliver(envelope_to({"a@x"}), letter);
      EXPECT_EQ(delivery.recipients[0].verdict, Verdict::delivered) << answer << at_command;
      EXPECT_EQ(first.connections(), 1);
    }
  }
}

TEST(Failover, MessageThatEveryHostTurnsAwayHasTheWordsOfTheLast) {
  const auto away = [](const char* words) {
    return [words](Peer& peer, int) {
      peer.greet("250 mx\r\n");
      peer.line();
      peer.say(words);
    };
  };
  const NetworkServer first(away("421 4.3.2 one\r\n"));
  const NetworkServer second(away("421 4.3.2 two\r\n"));
  Client client(options_for({at(first), at(second)}));
  const Outcome outcome = client.deliver(envelope_to({"a@x"}), letter).recipients.at(0);
  EXPECT_EQ(outcome.verdict, Verdict::retry);
  EXPECT_EQ(outcome.code, 421);
  EXPECT_THAT(outcome.text, HasSubstr("two"));
}

TEST(Failover, StopWhileConnectingIsNoFaultOfTheHosts) {
  std::promise<void> asked;
  const NetworkServer first([&](Peer& peer, int connection) {
    if (connection > 0) return willing()(peer, connection);
    asked.set_value();
    peer.line();  // until the client leaves
  });
  const NetworkServer second(willing());
  Client client(options_for({at(first), at(second)}));
  std::stop_source stop;
  const std::jthread stopper([&] {
    asked.get_future().wait();
    stop.request_stop();
  });
  const Envelope envelope = envelope_to({"a@x"});
  EXPECT_EQ(client.deliver(envelope, letter, stop.get_token()).recipients[0].verdict,
            Verdict::retry);
  EXPECT_EQ(client.deliver(envelope, letter).recipients[0].verdict, Verdict::delivered);
  EXPECT_EQ(second.connections(), 0);
}

TEST(Failover, ChunkingThatOneHostRefusesIsUsedWithAnother) {
  const std::string chunking = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
  std::string chunk;
  const NetworkServer first([&](Peer& peer, int connection) {
    if (connection > 0) return peer.say("554 not today\r\n");
    peer.greet(chunking);
    for (int command = 0; command < 2; ++command) {  // MAIL, RCPT
      peer.line();
      peer.say("250 ok\r\n");
    }
    peer.line();
    peer.say("500 what is that\r\n");
  });
  const NetworkServer second([&](Peer& peer, int) {
    peer.greet(chunking);
    for (int command = 0; command < 3; ++command) {  // and BDAT
      chunk = peer.line();
      peer.say("250 ok\r\n");
    }
    peer.take();
  });
  Client client(options_for({at(first), at(second)}));
  const Envelope envelope = envelope_to({"a@x"});
  EXPECT_EQ(client.deliver(envelope, letter).recipients[0].verdict, Verdict::delivered);
  EXPECT_EQ(second.connections(), 1);
  EXPECT_THAT(chunk, testing::StartsWith("BDAT"));
}

TEST(Failover, Row01DeadHostIsNotTriedFirstAgainSoon) {
  const NetworkServer first([](Peer& peer, int) { peer.say("554 not today\r\n"); });
  const NetworkServer second([](Peer& peer, int) {  // one message a connection
    peer.greet("250 mx\r\n");
    peer.take_envelope();
    peer.content();
    peer.say("250 ok\r\n");
  });
  Client client(options_for({at(first), at(second)}));
  for (int message = 0; message < 3; ++message) {
    EXPECT_EQ(client.deliver(envelope_to({"a@x"}), letter).recipients[0].verdict,
              Verdict::delivered);
  }
  EXPECT_EQ(first.connections(), 1);
  EXPECT_EQ(second.connections(), 3);
}

TEST(Failover, Row02GreetingThatRefusesTheSessionIsPassedOverAndInTheEndIsARetry) {
  const NetworkServer first([](Peer& peer, int) { peer.say("554 not today\r\n"); });
  const NetworkServer second([](Peer& peer, int) { peer.say("554 nor ever\r\n"); });
  const NetworkServer third(willing());
  Client client(options_for({at(first), at(second), at(third)}));
  EXPECT_EQ(client.deliver(envelope_to({"a@x"}), letter).recipients[0].verdict, Verdict::delivered);
  Client hopeless(options_for({at(first), at(second)}));
  const Delivery delivery = hopeless.deliver(envelope_to({"a@x"}), letter);
  EXPECT_EQ(delivery.recipients[0].verdict, Verdict::retry);
  EXPECT_THAT(delivery.recipients[0].text, HasSubstr("nor ever"));
}

TEST(Failover, Row12SizeLimitOfOneHostSendsTheMessageToTheNext) {
  const NetworkServer small(willing("250-mx\r\n250 SIZE 5\r\n"));
  const NetworkServer roomy(willing("250-mx\r\n250 SIZE 500\r\n"));
  Client client(options_for({at(small), at(roomy)}));
  EXPECT_EQ(client.deliver(envelope_to({"a@x"}), letter).recipients[0].verdict, Verdict::delivered);
  const Delivery refused =
      client.deliver(envelope_to({"a@x"}), TextSource(std::string(1000, 'x') + "\r\n"));
  EXPECT_EQ(refused.recipients[0].verdict, Verdict::failed);
  EXPECT_EQ(refused.recipients[0].status.text(), "5.3.4");
  // And the link is there for the next one.
  EXPECT_EQ(client.deliver(envelope_to({"a@x"}), letter).recipients[0].verdict, Verdict::delivered);
}

TEST(Failover, Row77AddressInUtf8GoesToTheHostThatTakesIt) {
  const NetworkServer old(willing());
  const NetworkServer modern(willing("250-mx\r\n250 SMTPUTF8\r\n"));
  const Envelope mixed = envelope_to({"a@x", "j\xC3\xBCrgen@x"});
  Client client(options_for({at(old), at(modern)}));
  for (const Outcome& outcome : client.deliver(mixed, letter).recipients) {
    EXPECT_EQ(outcome.verdict, Verdict::delivered);
  }
  Client hopeless(options_for({at(old), at(old)}));
  const Delivery delivery = hopeless.deliver(mixed, letter);
  EXPECT_EQ(delivery.recipients[0].verdict, Verdict::delivered);
  EXPECT_EQ(delivery.recipients[1].status.text(), "5.6.7");
}

TEST(Failover, ConfigurationFaultIsToldThoughALaterHostWasOnlyAway) {
  const NetworkServer no_auth(willing());
  ClientOptions options = options_for({at(no_auth), at(dead_port())});
  options.relay.user = "ann";
  options.relay.password = "secret";
  options.tls = TlsPolicy::none;
  const Delivery delivery = Client(options).deliver(envelope_to({"a@x"}), letter);
  ASSERT_TRUE(delivery.route_fault);
  EXPECT_TRUE(delivery.route_fault->configuration);
}

}  // namespace
}  // namespace postern::smtp::test
