// The real engine's links against a server on 127.0.0.1: reuse, many at once, stops, time-outs.
#include <atomic>
#include <future>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/client.h"
#include "tests/smtp/support/letter.h"
#include "tests/smtp/support/network_options.h"
#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;

TEST(ClientLinks, MessagesOneAfterTheOtherShareOneConnectionThatEndsWithQuit) {
  std::promise<std::string> last;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet(plain);
    for (int message = 0; message < 5; ++message) {
      peer.take_envelope();
      peer.content();
      peer.say("250 taken\r\n");
    }
    last.set_value(peer.line());
    peer.say("221 bye\r\n");
  });
  {
    Client client(options_for(server));
    for (int message = 0; message < 5; ++message) {
      EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::delivered);
    }
  }
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(last.get_future().get(), "QUIT");
}

TEST(ClientLinks, TlsRecordsThatCameTogetherAreAllHeard) {
  const Certificate certificate("IP:127.0.0.1");
  std::promise<std::string> last;
  NetworkServer server([&](Peer& peer, int) {
    peer.start_tls(certificate);
    peer.greet(plain);
    for (const char* command : {"MAIL", "RCPT", "DATA"}) {
      EXPECT_THAT(peer.line(), testing::StartsWith(command));
    }
    peer.say_together({"250 2.1.0 ok\r\n", "250 2.1.5 ", "ok\r\n", "354 go ahead\r\n"});
    peer.content();
    peer.say("250 taken\r\n");
    last.set_value(peer.line());
    peer.say_together({"221-so", " long\r\n", "221 bye\r\n"});
    EXPECT_THROW(peer.line(), Peer::Gone);
  });
  ClientOptions options = options_for(server, "smtps");
  options.ca_file = certificate.file();
  options.timeouts.mail = options.timeouts.rcpt = options.timeouts.data = 2s;
  options.timeouts.quit = 10s;
  const auto start = std::chrono::steady_clock::now();
  {
    Client client(options);
    EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::delivered);
  }
  EXPECT_EQ(last.get_future().get(), "QUIT");
  EXPECT_LT(std::chrono::steady_clock::now() - start, options.timeouts.quit);
}

TEST(ClientLinks, IdleConnectionEndsWithQuit) {
  std::promise<std::string> last;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet(plain);
    peer.take_envelope();
    peer.content();
    peer.say("250 taken\r\n");
    last.set_value(peer.line());
    peer.say("221 bye\r\n");
  });
  ClientOptions options = options_for(server);
  options.timeouts.idle = 50ms;
  Client client(options);
  client.deliver(to_one, letter);
  EXPECT_EQ(last.get_future().get(), "QUIT");
}

TEST(ClientLinks, Row63UnansweredQuitHoldsNobody) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet(plain);
    peer.take_envelope();
    peer.content();
    peer.say("250 taken\r\n");
    for (;;) peer.line();
  });
  ClientOptions options = options_for(server);
  options.timeouts.quit = 50ms;
  EXPECT_EQ(verdict_of(Client(options).deliver(to_one, letter)), Verdict::delivered);
}

/// The first connection takes one message and then plays `after`.
int connections_for_two_messages(const std::function<void(Peer&)>& after) {
  std::promise<void> left;
  NetworkServer server([&](Peer& peer, int connection) {
    peer.greet(plain);
    if (connection > 0) return peer.serve();
    peer.take_envelope();
    peer.content();
    peer.say("250 taken\r\n");
    try {
      after(peer);
    } catch (const Peer::Gone&) {  // the client may leave at the first octet
    }
    left.set_value();
  });
  Client client(options_for(server));
  EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::delivered);
  left.get_future().wait();
  const Delivery second = client.deliver(to_one, letter);
  EXPECT_EQ(verdict_of(second), Verdict::delivered) << second.recipients[0].text;
  return server.connections();
}

TEST(ClientLinks, Row60And71ConnectionClosedBetweenMessagesIsReplaced) {
  EXPECT_EQ(connections_for_two_messages([](Peer& peer) { peer.close(); }), 2);
  EXPECT_EQ(connections_for_two_messages([](Peer& peer) { peer.reset(); }), 2);
}

TEST(ClientLinks, Row72GoodbyeInTheBufferIsNotTakenForMailsReply) {
  EXPECT_EQ(connections_for_two_messages([](Peer& peer) { peer.say("421 idle too long\r\n"); }), 2);
}

TEST(ClientLinks, Row73UsedConnectionThatTurnsMailAwayIsReplaced) {
  std::atomic<int> taken = 0;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet(plain);
    for (int message = 0; message < 2; ++message) {
      peer.take_envelope();
      peer.content();
      ++taken;
      peer.say("250 taken\r\n");
    }
    peer.line();
    peer.say("421 too many messages\r\n");
  });
  Client client(options_for(server));
  for (int message = 0; message < 6; ++message) {
    EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::delivered);
  }
  EXPECT_EQ(taken, 6);
  EXPECT_EQ(server.connections(), 3);
}

TEST(ClientLinks, ManyCallersShareAtMostTheAllowedConnections) {
  std::atomic<int> taken = 0;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet(plain);
    peer.serve([&](const std::string&) {
      ++taken;
      std::this_thread::sleep_for(1ms);
    });
  });
  ClientOptions options = options_for(server);
  Client client(options);
  std::vector<std::thread> callers;
  std::atomic<int> delivered = 0;
  for (int caller = 0; caller < 20; ++caller) {
    callers.emplace_back([&] {
      for (int message = 0; message < 20; ++message) {
        if (verdict_of(client.deliver(to_one, letter)) == Verdict::delivered) ++delivered;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(delivered, 400);
  EXPECT_EQ(taken, 400);
  EXPECT_LE(server.most_at_once(), 10);
  EXPECT_LE(server.connections(), 10);
}

TEST(ClientLinks, RelayThatAllowsOneConnectionServesAllWaiting) {
  std::atomic<int> taken = 0;
  NetworkServer server([&](Peer& peer, int connection) {
    if (connection > 0) return peer.say("421 4.7.0 one connection at a time\r\n");
    peer.greet(plain);
    peer.serve([&](const std::string&) { ++taken; });
  });
  Client client(options_for(server));
  EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::delivered);
  std::vector<std::future<Delivery>> all;
  for (int message = 0; message < 12; ++message) {
    all.push_back(std::async(std::launch::async, [&] { return client.deliver(to_one, letter); }));
  }
  for (auto& delivery : all) EXPECT_EQ(verdict_of(delivery.get()), Verdict::delivered);
  EXPECT_EQ(taken, 13);
}

TEST(ClientLinks, Row53ThousandRecipientsThroughTinyBuffersToAServerThatReadsLate) {
  std::size_t recipients = 0;
  NetworkServer server(
      [&](Peer& peer, int) {
        peer.greet(plain);
        // Long replies fill this side's buffers before the commands are taken.
        for (;;) {
          const std::string command = peer.line();
          if (command == "DATA") break;
          if (command.starts_with("RCPT")) ++recipients;
          peer.say("250 2.1.5 " + std::string(300, 'x') + "\r\n");
        }
        peer.say("354 go\r\n");
        peer.content();
        peer.say("250 taken\r\n");
        peer.line();
      },
      1024);
  std::vector<std::string> thousand;
  for (int index = 0; index < 1000; ++index) {
    thousand.push_back("recipient" + std::to_string(index) + "@x.example");
  }
  Client client(options_for(server));
  const Delivery delivery = client.deliver(envelope_to(thousand), letter);
  for (const Outcome& outcome : delivery.recipients) {
    ASSERT_EQ(outcome.verdict, Verdict::delivered) << outcome.text;
  }
  EXPECT_EQ(recipients, 1000U);
}

TEST(ClientLinks, SilentServerIsLateAtItsStage) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet(plain);
    for (;;) peer.line();
  });
  ClientOptions options = options_for(server);
  options.timeouts.mail = 50ms;
  const Delivery delivery = Client(options).deliver(to_one, letter);
  EXPECT_EQ(verdict_of(delivery), Verdict::retry);
  EXPECT_EQ(delivery.recipients[0].status.text(), "4.4.2");
  EXPECT_EQ(delivery.recipients[0].stage, Stage::mail);
  EXPECT_FALSE(delivery.route_fault);
}

TEST(ClientLinks, Row52ServerThatStopsReadingIsLeft) {
  std::promise<void> done;
  NetworkServer server(
      [&](Peer& peer, int) {
        peer.greet(plain);
        peer.take_envelope();
        done.get_future().wait();
      },
      4096);
  ClientOptions options = options_for(server);
  options.timeouts.content_block = 200ms;
  options.timeouts.minimum_rate = 1'000'000'000;
  const TextSource large(std::string(20'000'000, 'x'));
  const Delivery delivery = Client(options).deliver(to_one, large);
  done.set_value();
  EXPECT_EQ(verdict_of(delivery), Verdict::retry);
  EXPECT_EQ(delivery.recipients[0].stage, Stage::content);
}

TEST(ClientLinks, Row57And58SilenceAndResetBehindTheDotAreUnknown) {
  for (const bool reset : {false, true}) {
    NetworkServer server([reset](Peer& peer, int) {
      peer.greet(plain);
      peer.take_envelope();
      peer.content();
      if (reset) return peer.reset();
      peer.line();
    });
    ClientOptions options = options_for(server);
    options.timeouts.end = 100ms;
    const Delivery delivery = Client(options).deliver(to_one, letter);
    EXPECT_EQ(verdict_of(delivery), Verdict::unknown);
    EXPECT_EQ(delivery.recipients[0].stage, Stage::end);
  }
}

TEST(ClientLinks, Row50RefusalBeforeACloseDuringTheContentIsHeard) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet(plain);
    peer.take_envelope();
    peer.line();
    peer.say("554 5.7.1 virus\r\n");
  });
  const TextSource large(std::string(5'000'000, 'x') + "\r\n.");
  const TextSource lines("line\r\n" + std::string(5'000'000, 'x'));
  const Delivery delivery = Client(options_for(server)).deliver(to_one, lines);
  EXPECT_EQ(verdict_of(delivery), Verdict::failed);
  EXPECT_EQ(delivery.recipients[0].text, "5.7.1 virus");
}

TEST(ClientLinks, StopBeforeTheEndOfTheContentDropsTheConnection) {
  std::promise<void> said_mail;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet(plain);
    peer.line();
    said_mail.set_value();
    for (;;) peer.line();
  });
  Client client(options_for(server));
  std::stop_source stop;
  auto delivery = std::async(std::launch::async,
                             [&] { return client.deliver(to_one, letter, stop.get_token()); });
  said_mail.get_future().wait();
  stop.request_stop();
  EXPECT_EQ(verdict_of(delivery.get()), Verdict::retry);
}

TEST(ClientLinks, StopBehindTheEndOfTheContentAwaitsTheReply) {
  std::promise<void> whole;
  std::promise<void> answer;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet(plain);
    peer.take_envelope();
    peer.content();
    whole.set_value();
    answer.get_future().wait();
    peer.say("250 taken\r\n");
    peer.line();
  });
  Client client(options_for(server));
  std::stop_source stop;
  auto delivery = std::async(std::launch::async,
                             [&] { return client.deliver(to_one, letter, stop.get_token()); });
  whole.get_future().wait();
  stop.request_stop();
  answer.set_value();
  EXPECT_EQ(verdict_of(delivery.get()), Verdict::delivered);
}

TEST(ClientLinks, StopWhileConnectingOrWaitingForAConnectionIsARetry) {
  std::promise<void> connected;
  std::once_flag first;  // the delivery that is stopped late may still connect
  NetworkServer server([&](Peer& peer, int) {
    std::call_once(first, [&] { connected.set_value(); });
    peer.line();
  });
  ClientOptions options = options_for(server);
  options.connections = 1;
  Client client(options);
  std::stop_source stop;
  const auto send = [&] { return client.deliver(to_one, letter, stop.get_token()); };
  auto connecting = std::async(std::launch::async, send);
  connected.get_future().wait();
  auto waiting = std::async(std::launch::async, send);
  stop.request_stop();
  EXPECT_EQ(verdict_of(connecting.get()), Verdict::retry);
  EXPECT_EQ(verdict_of(waiting.get()), Verdict::retry);
}

TEST(ClientLinks, EndingTheClientAbortsRunningDeliveries) {
  for (const bool behind_the_dot : {false, true}) {
    std::promise<void> reached;
    NetworkServer server([&](Peer& peer, int) {
      peer.greet(plain);
      if (behind_the_dot) peer.take_envelope();
      if (behind_the_dot) peer.content();
      if (!behind_the_dot) peer.line();
      reached.set_value();
      for (;;) peer.line();
    });
    ClientOptions options = options_for(server);
    options.timeouts.quit = 100ms;
    auto client = std::make_unique<Client>(options);
    Client& view = *client;
    auto delivery =
        std::async(std::launch::async, [&view] { return view.deliver(to_one, letter); });
    reached.get_future().wait();
    client.reset();
    EXPECT_EQ(verdict_of(delivery.get()), behind_the_dot ? Verdict::unknown : Verdict::retry);
  }
}

TEST(ClientLinks, SourceThatFailsInTheMiddleDeliversNothing) {
  std::atomic<int> taken = 0;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet(plain);
    peer.serve([&](const std::string&) { ++taken; });
  });
  TextSource broken(std::string(1'000'000, 'x'));
  broken.fails_behind = 500'000;
  Client client(options_for(server));
  EXPECT_EQ(verdict_of(client.deliver(to_one, broken)), Verdict::retry);
  EXPECT_EQ(verdict_of(client.deliver(to_one, letter)), Verdict::delivered);
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace postern::smtp::test
