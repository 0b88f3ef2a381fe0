// What a client learns of servers, or is told of them by an operator.
#include <algorithm>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/support/letter.h"
#include "tests/smtp/support/network_options.h"

namespace postern::smtp::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::vector<std::string> everybody{"a@x.example", "b@x.example", "c@x.example", "d@x.example",
                                         "e@x.example"};

/// Takes at most so many recipients in a transaction; for one more it ends the session.
class Narrow {
 public:
  explicit Narrow(std::size_t most)
      : server_([this, most](Peer& peer, int) {
          peer.greet("250 test.example\r\n");
          play(peer, most);
        }) {}

  [[nodiscard]] const NetworkServer& server() const { return server_; }
  /// How many recipients each transaction had.
  std::vector<std::size_t> transactions() {
    const std::scoped_lock lock(mutex_);
    return transactions_;
  }

 private:
  void play(Peer& peer, std::size_t most) {
    std::size_t recipients = 0;
    for (;;) {
      const std::string line = peer.line();
      if (line == "DATA") {
        peer.say("354 go\r\n");
        peer.content();
        const std::scoped_lock lock(mutex_);
        transactions_.push_back(std::exchange(recipients, 0));
      }
      if (line.starts_with("RCPT") && recipients++ == most) {
        peer.say("421 4.7.0 Too many recipients\r\n");
        return peer.close();
      }
      peer.say("250 ok\r\n");
    }
  }

  std::mutex mutex_;
  std::vector<std::size_t> transactions_;
  NetworkServer server_;
};

bool all_delivered(const Delivery& delivery) {
  return std::all_of(delivery.recipients.begin(), delivery.recipients.end(),
                     [](const Outcome& one) { return one.verdict == Verdict::delivered; });
}

TEST(ClientLearning, LimitOfRecipientsIsUsedShownAndForgottenOnResume) {
  Narrow narrow(2);
  ClientOptions options = options_for(narrow.server());
  std::vector<LearnedFact> told;
  options.route_changed = [&](const RouteStatus& status) { told = status.learned; };
  Client client(options);
  EXPECT_TRUE(all_delivered(client.deliver(envelope_to(everybody), letter)));
  EXPECT_THAT(narrow.transactions(), ElementsAre(2U, 2U, 1U));
  EXPECT_EQ(narrow.server().connections(), 2);
  const RouteStatus status = client.routes().at(0);
  ASSERT_THAT(status.learned, SizeIs(1));
  EXPECT_THAT(status.learned[0].text, HasSubstr("at most 2 recipients"));
  EXPECT_THAT(status.learned[0].host, HasSubstr("127.0.0.1"));
  EXPECT_GT(status.learned[0].until, std::chrono::system_clock::now() + std::chrono::hours(23));
  EXPECT_EQ(told.at(0).text, status.learned[0].text);
  client.resume();
  EXPECT_THAT(client.routes().at(0).learned, IsEmpty());
}

TEST(ClientLearning, LimitOfTheOperatorIsKeptFromTheStart) {
  Narrow narrow(2);
  ClientOptions options = options_for(narrow.server());
  options.recipients_per_transaction = 2;
  EXPECT_TRUE(all_delivered(Client(options).deliver(envelope_to(everybody), letter)));
  EXPECT_THAT(narrow.transactions(), ElementsAre(2U, 2U, 1U));
  EXPECT_EQ(narrow.server().connections(), 1);
}

TEST(ClientLearning, ServerThatDropsWhatIsSentTogetherIsServedOneByOne) {
  std::atomic<int> together = 0;
  NetworkServer server([&](Peer& peer, int) {
    peer.greet("250-test.example\r\n250 PIPELINING\r\n");
    for (;;) {
      const std::string line = peer.line();
      if (line.starts_with("MAIL") && peer.more()) {
        ++together;
        while (peer.more()) peer.line();
        peer.say("503 5.5.1 MAIL first\r\n");
        continue;
      }
      if (line != "DATA") {
        peer.say("250 ok\r\n");
        continue;
      }
      peer.say("354 go\r\n");
      peer.content();
      peer.say("250 taken\r\n");
    }
  });
  Client client(options_for(server));
  for (int message = 0; message < 3; ++message) {
    EXPECT_TRUE(all_delivered(client.deliver(envelope_to(everybody), letter)));
  }
  EXPECT_EQ(together, 1);
  EXPECT_THAT(client.routes().at(0).learned.at(0).text, HasSubstr("PIPELINING"));
}

TEST(ClientLearning, ExtensionThatTheOperatorDoesNotWantIsNotUsed) {
  for (const auto& [host, used] :
       {std::pair{"", false}, std::pair{"127.0.0.1", false}, std::pair{"other.example", true}}) {
    std::string mail;
    NetworkServer server([&](Peer& peer, int) {
      peer.greet("250-test.example\r\n250-SIZE\r\n250 8BITMIME\r\n");
      mail = peer.line();
      peer.say("250 ok\r\n");
      peer.serve();
    });
    ClientOptions options = options_for(server);
    options.without = {{Extension::size, host}};
    Client(options).deliver(envelope_to(everybody), letter);
    EXPECT_EQ(mail.find("SIZE=") != std::string::npos, used) << mail;
  }
  EXPECT_EQ(extension_named("Pipelining"), Extension::pipelining);
  EXPECT_EQ(extension_named("8bitmime"), Extension::eight_bit_mime);
  EXPECT_EQ(extension_named("AUTH"), std::nullopt);
}

}  // namespace
}  // namespace postern::smtp::test
