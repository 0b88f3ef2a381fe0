// The client by MX records: a scripted DNS and mail hosts on loopback addresses
// (smtp-transactions.md §5, rows 1, 2, 6 and 13).
#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/client.h"
#include "tests/smtp/support/dns_responder.h"
#include "tests/smtp/support/letter.h"
#include "tests/smtp/support/network_server.h"
#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Accepts messages and records their recipients.
class MailHost {
 public:
  explicit MailHost(std::string ehlo = "250-mail.example\r\n250 PIPELINING\r\n")
      : ehlo_(std::move(ehlo)) {}

  NetworkServer::Play play() {
    return [this](Peer& peer, int) {
      peer.greet(ehlo_);
      for (;;) {
        const std::string command = peer.line();
        if (command.starts_with("RCPT")) take(command);
        if (command == "DATA") {
          peer.say("354 go\r\n");
          peer.content();
        }
        peer.say(command == "QUIT" ? "221 bye\r\n" : "250 2.0.0 ok\r\n");
      }
    };
  }
  std::vector<std::string> recipients() {
    const std::scoped_lock lock(mutex_);
    return recipients_;
  }

 private:
  void take(const std::string& command) {
    const std::scoped_lock lock(mutex_);
    const std::size_t open = command.find('<');
    recipients_.push_back(command.substr(open + 1, command.find('>') - open - 1));
  }

  std::string ehlo_;
  std::mutex mutex_;
  std::vector<std::string> recipients_;
};

class MxDelivery : public testing::Test {
 protected:
  ClientOptions options() {
    ClientOptions options;
    options.mx.emplace();
    options.mx->port = first_server_.port();
    options.mx->ipv6 = false;
    options.mx->dns_servers = {dns_.address()};
    options.mx->mta_sts = false;
    options.mx->hosts_on_this_machine = true;
    options.helo_name = "we.example";
    return options;
  }
  Delivery deliver(const std::vector<std::string>& recipients) {
    if (!client_) client_.emplace(options());
    return client_->deliver(envelope_to(recipients), letter);
  }
  Outcome outcome(const std::string& recipient) { return deliver({recipient}).recipients.at(0); }

  DnsResponder dns_;
  MailHost first_;
  MailHost second_;
  NetworkServer first_server_{first_.play()};
  NetworkServer second_server_{second_.play(), "127.0.0.2", first_server_};
  std::optional<Client> client_;
};

TEST_F(MxDelivery, EachDomainsRecipientsGoToItsOwnHost) {
  dns_.mx("one.example", 10, "mx.one.example");
  dns_.a("mx.one.example", "127.0.0.1");
  dns_.a("two.example", "127.0.0.2");
  const Delivery delivery =
      deliver({"a@one.example", "b@two.example", "no address", "c@ONE.example"});
  EXPECT_EQ(delivery.recipients.at(0).verdict, Verdict::delivered);
  EXPECT_EQ(delivery.recipients.at(0).host, "mx.one.example[127.0.0.1]");
  EXPECT_EQ(delivery.recipients.at(1).host, "two.example[127.0.0.2]");
  EXPECT_EQ(delivery.recipients.at(2).status.text(), "5.1.3");
  EXPECT_EQ(delivery.recipients.at(3).verdict, Verdict::delivered);
  EXPECT_THAT(first_.recipients(), ElementsAre("a@one.example", "c@ONE.example"));
  EXPECT_THAT(second_.recipients(), ElementsAre("b@two.example"));
}

TEST_F(MxDelivery, DomainsBeyondThoseRememberedAreServedAllTheSame) {
  std::vector<std::string> recipients;
  for (const std::string domain : {"one.example", "two.example", "three.example"}) {
    dns_.a(domain, "127.0.0.1");
    recipients.push_back("a@" + domain);
  }
  ClientOptions forgetful = options();
  forgetful.mx->max_domains = 1;
  forgetful.timeouts.idle = std::chrono::milliseconds(0);
  client_.emplace(forgetful);
  for (int message = 0; message < 3; ++message) {
    const Delivery delivery = deliver(recipients);
    for (const Outcome& outcome : delivery.recipients) {
      EXPECT_EQ(outcome.verdict, Verdict::delivered) << outcome.text;
    }
  }
  const auto forgotten = [&] {
    deliver({"a@one.example"});
    return client_->routes().size() <= 2;
  };
  for (int tries = 0; !forgotten(); ++tries) ASSERT_LT(tries, 1000);
}

TEST_F(MxDelivery, Row01HostThatIsAwayIsPassedOverForTheNextOne) {
  dns_.mx("x.example", 10, "dead.x.example");
  dns_.mx("x.example", 20, "mx.x.example");
  dns_.a("dead.x.example", "127.0.0.3");
  dns_.a("mx.x.example", "127.0.0.2");
  EXPECT_EQ(outcome("a@x.example").verdict, Verdict::delivered);
  EXPECT_THAT(second_.recipients(), ElementsAre("a@x.example"));
}

TEST_F(MxDelivery, Row13WhatTheDnsSaysIsTheVerdict) {
  dns_.mx("null.example", 0, "");
  dns_.server_failure("sick.example", DnsType::mx);
  EXPECT_EQ(outcome("a@null.example").status.text(), "5.1.10");
  const Delivery nowhere = deliver({"a@nowhere.example"});
  EXPECT_EQ(nowhere.recipients[0].verdict, Verdict::failed);
  EXPECT_EQ(nowhere.recipients[0].status.text(), "5.1.2");
  EXPECT_FALSE(nowhere.route_fault);
  const Outcome sick = outcome("a@sick.example");
  EXPECT_EQ(sick.verdict, Verdict::retry);
  EXPECT_EQ(sick.status.text(), "4.4.3");
}

TEST_F(MxDelivery, Row06HostThatCallsItselfByOurNameIsALoop) {
  MailHost ourselves("250-We.Example\r\n250 PIPELINING\r\n");
  const NetworkServer server(ourselves.play(), "127.0.0.4", first_server_);
  dns_.mx("loop.example", 10, "mx.loop.example");
  dns_.a("mx.loop.example", "127.0.0.4");
  EXPECT_EQ(outcome("a@loop.example").status.text(), "5.4.6");
  dns_.mx("half.example", 10, "dead.half.example");
  dns_.mx("half.example", 20, "mx.loop.example");
  dns_.a("dead.half.example", "127.0.0.3");
  const Outcome half = outcome("a@half.example");
  EXPECT_EQ(half.verdict, Verdict::retry);
  EXPECT_THAT(ourselves.recipients(), ElementsAre());
}

TEST_F(MxDelivery, DomainMayHaveATlsPolicyOfItsOwn) {
  dns_.a("strict.example", "127.0.0.1");
  dns_.a("lax.example", "127.0.0.2");
  ClientOptions strict = options();
  strict.destinations["strict.example"].tls = TlsPolicy::encrypt;
  client_.emplace(strict);
  const Delivery delivery = deliver({"a@Strict.Example", "b@lax.example"});
  EXPECT_EQ(delivery.recipients.at(0).verdict, Verdict::retry);
  EXPECT_EQ(delivery.recipients.at(0).status.text(), "4.7.4");
  EXPECT_EQ(delivery.recipients.at(1).verdict, Verdict::delivered);
  EXPECT_THAT(first_.recipients(), ElementsAre());
}

TEST_F(MxDelivery, DomainMayHaveAPaceOfItsOwn) {
  dns_.a("slow.example", "127.0.0.1");
  dns_.a("fast.example", "127.0.0.2");
  ClientOptions slow = options();
  PaceOptions pace;
  pace.messages = {1, std::chrono::hours{1}};
  slow.destinations["slow.example"].pace = pace;
  client_.emplace(slow);
  EXPECT_EQ(outcome("a@slow.example").verdict, Verdict::delivered);
  EXPECT_EQ(outcome("a@fast.example").verdict, Verdict::delivered);
  EXPECT_EQ(outcome("b@fast.example").verdict, Verdict::delivered);
  std::stop_source stop;
  auto second = std::async(std::launch::async, [&] {
    return client_->deliver(envelope_to({"b@slow.example"}), letter, stop.get_token());
  });
  const auto waits = [&] {
    const auto routes = client_->routes();
    return std::any_of(routes.begin(), routes.end(), [](const RouteStatus& route) {
      return route.route == "slow.example" && route.waiting == 1;
    });
  };
  while (!waits()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  stop.request_stop();
  EXPECT_EQ(second.get().recipients.at(0).verdict, Verdict::retry);
  EXPECT_THAT(first_.recipients(), ElementsAre("a@slow.example"));
}

TEST_F(MxDelivery, DomainsFaultIsItsOwn) {
  dns_.a("good.example", "127.0.0.1");
  dns_.a("dead.example", "127.0.0.3");
  const Delivery delivery = deliver({"a@dead.example", "b@good.example"});
  EXPECT_EQ(delivery.recipients.at(0).verdict, Verdict::retry);
  EXPECT_THAT(delivery.recipients.at(0).text, HasSubstr("dead.example"));
  EXPECT_EQ(delivery.recipients.at(1).verdict, Verdict::delivered);
  EXPECT_TRUE(delivery.route_fault);
}

TEST_F(MxDelivery, EndOfTheClientEndsLookUps) {
  dns_.fault("slow.example", DnsType::mx, DnsReplyScript::Fault::silent);
  std::promise<Delivery> delivered;
  {
    Client client(options());
    const auto source = std::make_shared<TextSource>("Subject: x\r\n\r\n");
    client.start({envelope_to({"a@slow.example"}), source},
                 [&](Delivery delivery) { delivered.set_value(std::move(delivery)); });
  }
  EXPECT_EQ(delivered.get_future().get().recipients.at(0).verdict, Verdict::retry);
}

}  // namespace
}  // namespace postern::smtp::test
