// The pace of the real engine: what it does to servers that push back, and what callers and
// operators hear of it. No test measures how fast anything was, only what was not done too early.
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/client.h"
#include "tests/smtp/support/letter.h"
#include "tests/smtp/support/network_options.h"
#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

NetworkServer::Play always_willing() {
  return [](Peer& peer, int) {
    peer.greet(plain);
    peer.serve();
  };
}

/// With so many connections at first, and pauses beyond every test.
ClientOptions unforgiving(const NetworkServer& server, std::size_t connections) {
  ClientOptions options = options_for(server);
  options.pace.first_connections = connections;
  options.pace.first_pause = 1h;
  options.pace.longest_pause = 1h;
  return options;
}

/// The statuses of the routes, in order.
class Told {
 public:
  void hear(const RouteStatus& status) {
    const std::scoped_lock lock(mutex_);
    all_.push_back(status);
  }
  std::vector<RouteStatus> all() {
    const std::scoped_lock lock(mutex_);
    return all_;
  }

 private:
  std::mutex mutex_;
  std::vector<RouteStatus> all_;
};

TEST(ClientConcurrency, Row80DeadRelayIsTriedOnceAndEverybodyHearsWhy) {
  NetworkServer server([](Peer& peer, int) { peer.say("421 4.3.2 down for repairs\r\n"); });
  ClientOptions options = options_for(server);
  options.pace.first_pause = 1h;
  options.pace.longest_pause = 1h;
  Told told;
  options.route_changed = [&](const RouteStatus& status) { told.hear(status); };
  Client client(options);
  for (int message = 0; message < 50; ++message) {
    const Delivery delivery = client.deliver(to_one, letter);
    EXPECT_EQ(verdict_of(delivery), Verdict::retry);
    EXPECT_THAT(delivery.recipients[0].text, HasSubstr("down for repairs"));
    ASSERT_TRUE(delivery.route_fault);
    EXPECT_GT(delivery.route_fault->retry_after, 50min);
    EXPECT_EQ(delivery.recipients[0].attempted, message == 0);
  }
  EXPECT_EQ(server.connections(), 1);
  const auto routes = client.routes();
  ASSERT_THAT(routes, SizeIs(1));
  EXPECT_EQ(routes[0].route, options.relay.text());
  ASSERT_TRUE(routes[0].suspended);
  EXPECT_THAT(routes[0].suspended->text, HasSubstr("down for repairs"));
  EXPECT_GT(routes[0].suspended_until, std::chrono::system_clock::now() + 50min);
  ASSERT_THAT(told.all(), SizeIs(1));
  EXPECT_TRUE(told.all()[0].suspended);
}

TEST(ClientConcurrency, RelayThatEndsLinksBeforeItAnswersIsSuspended) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet(plain);
    peer.line();
  });
  Client client(unforgiving(server, 2));
  for (int message = 0; message < 30; ++message) {
    const Delivery delivery = client.deliver(to_one, letter);
    EXPECT_EQ(verdict_of(delivery), Verdict::retry);
    EXPECT_EQ(delivery.route_fault.has_value(), message >= 3);
  }
  EXPECT_EQ(server.connections(), 3) << "one may be the message's fault; then one for each it had";
  const auto routes = client.routes();
  ASSERT_TRUE(routes.at(0).suspended);
  EXPECT_THAT(routes[0].suspended->text, HasSubstr("closed"));
  EXPECT_EQ(routes[0].suspended->verdict, Verdict::retry);
}

TEST(ClientConcurrency, MessageThatNoServerSurvivesSuspendsNothing) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet(plain);
    for (;;) {
      peer.take_envelope();
      if (peer.content().find("poison") != std::string::npos) return;
      peer.say("250 2.0.0 taken\r\n");
    }
  });
  ClientOptions options = options_for(server);
  options.pace.first_connections = 1;
  options.pace.first_pause = 1h;
  const TextSource poison("Subject: poison\r\n\r\n");
  Client client(options);
  for (int message = 0; message < 3; ++message) {
    EXPECT_NE(verdict_of(client.deliver(to_one, poison)), Verdict::delivered);
    EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::delivered);
  }
}

TEST(ClientConcurrency, SuspendedRelayIsTriedAgainBehindThePauseAndItsRecoveryIsTold) {
  std::atomic<bool> well = false;
  NetworkServer server([&](Peer& peer, int) {
    if (!well) return peer.say("421 later\r\n");
    peer.greet(plain);
    peer.serve();
  });
  ClientOptions options = options_for(server);
  options.pace.first_pause = 20ms;
  Told told;
  options.route_changed = [&](const RouteStatus& status) { told.hear(status); };
  Client client(options);
  EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::retry);
  well = true;
  Delivery delivery = client.deliver(to_one, letter);
  while (verdict_of(delivery) != Verdict::delivered) {
    std::this_thread::sleep_for(5ms);
    delivery = client.deliver(to_one, letter);
  }
  ASSERT_THAT(told.all(), SizeIs(2));
  EXPECT_TRUE(told.all()[0].suspended);
  EXPECT_FALSE(told.all()[1].suspended);
  EXPECT_FALSE(client.routes().at(0).suspended);
}

TEST(ClientConcurrency, ResumedRelayIsTriedAtOnce) {
  NetworkServer server([](Peer& peer, int) { peer.say("421 4.3.2 down for repairs\r\n"); });
  ClientOptions options = options_for(server);
  options.pace.first_pause = 1h;
  options.pace.longest_pause = 1h;
  Client client(options);
  client.deliver(to_one, letter);
  EXPECT_FALSE(client.deliver(to_one, letter).recipients[0].attempted);
  client.resume();
  EXPECT_TRUE(client.deliver(to_one, letter).recipients[0].attempted);
  EXPECT_EQ(server.connections(), 2);
}

TEST(ClientConcurrency, MessageThatMetARefusalOfTheRouteHearsHowLongItIsLeftAlone) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet(plain);
    while (!peer.line().starts_with("MAIL")) continue;
    peer.say("530 5.7.0 authenticate first\r\n");
  });
  ClientOptions options = options_for(server);
  options.modes.pipelining = false;
  options.pace.longest_pause = 1h;
  Client client(options);
  const Delivery delivery = client.deliver(to_one, letter);
  ASSERT_TRUE(delivery.route_fault);
  EXPECT_TRUE(delivery.route_fault->configuration);
  EXPECT_TRUE(delivery.recipients[0].attempted);
  EXPECT_GT(delivery.route_fault->retry_after, 50min);
}

TEST(ClientConcurrency, BusyServerIsLeftAloneAfterItsPushBacks) {
  std::atomic<int> mails = 0;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet("250 test.example\r\n");
    for (;;) {
      if (peer.line().starts_with("MAIL")) {
        ++mails;
        peer.say("451 4.3.0 too much to do\r\n");
      } else {
        peer.say("250 ok\r\n");
      }
    }
  });
  Client client(unforgiving(server, 3));
  for (int message = 0; message < 30; ++message) {
    const Delivery delivery = client.deliver(to_one, letter);
    EXPECT_EQ(verdict_of(delivery), Verdict::retry);
    EXPECT_EQ(delivery.recipients[0].code, 451);
  }
  EXPECT_EQ(mails, 3) << "one for each connection it might have had";
}

TEST(ClientConcurrency, RefusalsOfMessagesAndRecipientsSlowNothingDown) {
  int mails = 0;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet("250 test.example\r\n");
    for (;;) {
      const std::string line = peer.line();
      if (line.starts_with("MAIL")) ++mails;
      peer.say(line.starts_with("RCPT") ? "450 4.2.0 greylisted\r\n" : "250 ok\r\n");
    }
  });
  ClientOptions options = options_for(server);
  options.pace.first_pause = 1h;
  Client client(options);
  for (int message = 0; message < 30; ++message) client.deliver(to_one, letter);
  synchronise_with_plays();
  EXPECT_EQ(mails, 30);
}

TEST(ClientConcurrency, RefusedPasswordIsNotTriedAgainAndAgain) {
  static const Certificate certificate("DNS:localhost,IP:127.0.0.1");
  NetworkServer server([](Peer& peer, int) {
    peer.start_tls(certificate);
    peer.greet("250-test.example\r\n250 AUTH PLAIN\r\n");
    peer.line();
    peer.say("535 5.7.8 wrong\r\n");
    peer.line();
  });
  ClientOptions options = options_for(server);
  options.relay = Relay::parse("smtps://jane:geheim@127.0.0.1:" + std::to_string(server.port()));
  options.ca_file = certificate.file();
  options.pace.first_pause = 1h;
  options.pace.longest_pause = 1h;
  Client client(options);
  for (int message = 0; message < 10; ++message) {
    const Delivery delivery = client.deliver(to_one, letter);
    ASSERT_TRUE(delivery.route_fault);
    EXPECT_TRUE(delivery.route_fault->configuration);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(ClientConcurrency, AtMostTheFirstConnectionsAreOpenBeforeAnythingWasAnswered) {
  std::promise<void> go;
  const std::shared_future<void> may_go = go.get_future().share();
  NetworkServer server([may_go](Peer& peer, int) {
    peer.greet("250 test.example\r\n");
    peer.take_envelope();
    may_go.wait();
    peer.content();
    peer.say("250 taken\r\n");
    peer.serve();
  });
  ClientOptions options = options_for(server);
  options.pace.first_connections = 2;
  options.connections = 8;
  Client client(options);
  std::vector<std::future<Delivery>> all;
  for (int message = 0; message < 20; ++message) {
    all.push_back(std::async(std::launch::async, [&] { return client.deliver(to_one, letter); }));
  }
  // An open connection has been greeted, so that the server has counted it.
  RouteStatus status = client.routes().at(0);
  while (status.connections < 2 || status.under_way + status.waiting < 20) {
    std::this_thread::sleep_for(1ms);
    status = client.routes().at(0);
  }
  EXPECT_EQ(status.waiting, 18U);
  EXPECT_EQ(status.max_connections, 2U);
  EXPECT_EQ(server.connections(), 2);
  go.set_value();
  for (auto& delivery : all) EXPECT_EQ(verdict_of(delivery.get()), Verdict::delivered);
  EXPECT_EQ(client.routes().at(0).max_connections, 8U);
  EXPECT_LE(server.connections(), 8) << "none is closed before it has been idle for a while";
}

TEST(ClientConcurrency, MessagesBeyondTheRateWaitAndAllGo) {
  NetworkServer server(always_willing());
  ClientOptions options = options_for(server);
  options.pace.messages = {5, 200ms};
  const auto begin = steady_clock::now();
  {
    Client client(options);
    std::vector<std::future<Delivery>> all;
    for (int message = 0; message < 12; ++message) {
      all.push_back(std::async(std::launch::async, [&] { return client.deliver(to_one, letter); }));
    }
    for (auto& delivery : all) EXPECT_EQ(verdict_of(delivery.get()), Verdict::delivered);
  }
  EXPECT_GE(steady_clock::now() - begin, 7 * 40ms);
}

TEST(ClientConcurrency, RateOutlastsTheIdleTimeOfTheConnection) {
  NetworkServer server(always_willing());
  ClientOptions options = options_for(server);
  options.pace.messages = {1, 100ms};
  options.timeouts.idle = 10ms;
  Client client(options);
  std::vector<std::future<Delivery>> all;
  for (int message = 0; message < 4; ++message) {
    all.push_back(std::async(std::launch::async, [&] { return client.deliver(to_one, letter); }));
  }
  for (auto& delivery : all) EXPECT_EQ(verdict_of(delivery.get()), Verdict::delivered);
}

TEST(ClientConcurrency, MessageThatWaitsForTheRateCanBeStopped) {
  NetworkServer server(always_willing());
  ClientOptions options = options_for(server);
  options.pace.messages = {1, 1h};
  Client client(options);
  EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::delivered);
  std::stop_source stop;
  auto waiting = std::async(std::launch::async,
                            [&] { return client.deliver(to_one, letter, stop.get_token()); });
  while (client.routes().at(0).waiting == 0) std::this_thread::sleep_for(1ms);
  stop.request_stop();
  EXPECT_EQ(verdict_of(waiting.get()), Verdict::retry);
}

TEST(ClientConcurrency, MessageThatWaitsForAConnectionsRateCanBeStopped) {
  NetworkServer server([](Peer& peer, int) { peer.say("421 later\r\n"); });
  ClientOptions options = options_for(server);
  options.pace.connections = {1, 1h};
  options.pace.first_pause = 0ms;
  Client client(options);
  EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::retry);
  std::stop_source stop;
  auto waiting = std::async(std::launch::async,
                            [&] { return client.deliver(to_one, letter, stop.get_token()); });
  while (client.routes().at(0).under_way == 0) std::this_thread::sleep_for(1ms);
  stop.request_stop();
  EXPECT_EQ(verdict_of(waiting.get()), Verdict::retry);
  EXPECT_EQ(server.connections(), 1);
}

TEST(ClientConcurrency, WaitingForTheRateEndsWithTheClient) {
  NetworkServer server(always_willing());
  ClientOptions options = options_for(server);
  options.pace.messages = {1, 1h};
  options.timeouts.idle = 1ms;
  auto client = std::make_unique<Client>(options);
  std::promise<Delivery> first;
  std::promise<Delivery> second;
  const auto source = std::make_shared<TextSource>("Subject: x\r\n\r\nbody\r\n");
  client->start({to_one, source}, [&](Delivery delivery) { first.set_value(std::move(delivery)); });
  client->start({to_one, source},
                [&](Delivery delivery) { second.set_value(std::move(delivery)); });
  EXPECT_EQ(verdict_of(first.get_future().get()), Verdict::delivered);
  client.reset();
  EXPECT_EQ(verdict_of(second.get_future().get()), Verdict::retry);
}

TEST(ClientConcurrency, ConnectionsAreClosedWhenTheServerPushesBack) {
  std::atomic<int> open = 0;
  std::atomic<bool> busy = false;
  NetworkServer server([&](Peer& peer, int) {
    ++open;
    try {
      peer.greet("250 test.example\r\n");
      for (;;) {
        const std::string line = peer.line();
        if (line == "QUIT") break;
        if (line.starts_with("MAIL") && busy) {
          peer.say("451 4.3.2 busy\r\n");
        } else if (line == "DATA") {
          peer.say("354 go on\r\n");
          peer.content();
          peer.say("250 ok\r\n");
        } else {
          peer.say("250 ok\r\n");
        }
      }
    } catch (const Peer::Gone&) {
    }
    --open;
  });
  ClientOptions options = options_for(server);
  options.pace.first_connections = options.connections = 4;
  options.pace.first_pause = 0ms;
  Client client(options);
  const auto deliver_many = [&](int count) {
    std::vector<std::future<Delivery>> all;
    for (int message = 0; message < count; ++message) {
      all.push_back(std::async(std::launch::async, [&] { return client.deliver(to_one, letter); }));
    }
    for (auto& delivery : all) delivery.get();
  };
  deliver_many(40);
  busy = true;
  deliver_many(20);
  EXPECT_EQ(client.routes().at(0).max_connections, 1U);
  while (client.routes().at(0).connections > 1) {
    deliver_many(1);
    std::this_thread::sleep_for(1ms);
  }
  while (open > 1) std::this_thread::sleep_for(1ms);
}

}  // namespace
}  // namespace postern::smtp::test
