// LMTP connections (RFC 2033) against servers on 127.0.0.1 and on a Unix socket.
#include <future>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/support/connecting.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view plain = "250-test.example\r\n250-PIPELINING\r\n250 SIZE 1000\r\n";

ConnectTarget lmtp_at(const NetworkServer& server) {
  return target_at(server.port(), TlsPolicy::none, "lmtp");
}

/// Octets over an open connection, awaited.
std::string read_from(SocketStream& stream) {
  std::array<char, 4096> octets;
  for (;;) {
    const StreamResult result = stream.read(octets);
    if (result.state == StreamResult::State::moved) return {octets.data(), result.octets};
    if (result.state == StreamResult::State::closed) return "closed";
    std::this_thread::sleep_for(1ms);
  }
}

TEST(ConnectorLmtp, SaysLhloAndHandsTheConnectionOver) {
  std::promise<std::string> hello;
  NetworkServer server([&](Peer& peer, int) {
    hello.set_value(peer.greet(plain));
    peer.say("2" + peer.line() + "\r\n");
    peer.line();
  });
  const Opened opened = Connecting().connect(lmtp_at(server));
  ASSERT_TRUE(opened.open()) << opened.why();
  const Connection& connection = *opened.connection;
  EXPECT_TRUE(connection.lmtp);
  EXPECT_FALSE(connection.tls);
  EXPECT_EQ(hello.get_future().get(), "LHLO client.example");
  EXPECT_TRUE(connection.server.pipelining);
  EXPECT_EQ(connection.server.size_limit, 1000U);
  EXPECT_EQ(connection.server_name, "test.example");
  EXPECT_EQ(connection.host, "127.0.0.1");
  EXPECT_THAT(connection.transcript,
              ElementsAre("S: 220 test.example ESMTP", "C: LHLO client.example",
                          "S: 250-test.example", "S: 250-PIPELINING", "S: 250 SIZE 1000"));
  EXPECT_EQ(connection.stream->write("51 x\r\n").octets, 6U);
  EXPECT_EQ(read_from(*connection.stream), "251 x\r\n");
}

/// Listens on a Unix socket and plays one connection.
class UnixServer {
 public:
  explicit UnixServer(NetworkServer::Play play) {
    const TextFile name("");
    path_ = name.path() + ".socket";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 1) != 0) {
      throw std::runtime_error("cannot listen on " + path_);
    }
    thread_ = std::thread([this, play = std::move(play)] {
      const int socket = ::accept(listener_, nullptr, nullptr);
      try {
        Peer peer(socket);
        play(peer, 0);
      } catch (const Peer::Gone&) {
      }
      ::close(socket);
    });
  }
  ~UnixServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    ::unlink(path_.c_str());
  }
  UnixServer(const UnixServer&) = delete;
  UnixServer& operator=(const UnixServer&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  int listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
  std::string path_;
  std::thread thread_;
};

TEST(ConnectorLmtp, ConnectsToAUnixSocket) {
  UnixServer server([](Peer& peer, int) { peer.greet(plain); });
  ConnectTarget target;
  target.relay = Relay::parse("lmtp://" + server.path());
  target.tls.policy = TlsPolicy::none;
  const Opened opened = Connecting().connect(target);
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_TRUE(opened.connection->lmtp);
  EXPECT_EQ(opened.connection->host, server.path());
}

TEST(ConnectorLmtp, AbsentUnixSocketIsATemporaryFaultThatNamesIt) {
  ConnectTarget target;
  target.relay = Relay::parse("lmtp:///nonexistent/lmtp");
  target.tls.policy = TlsPolicy::none;
  const Opened opened = Connecting().connect(target);
  EXPECT_FALSE(opened.fault.configuration);
  EXPECT_EQ(opened.fault.outcome.status.text(), "4.4.1");
  EXPECT_THAT(opened.why(), HasSubstr("lmtp:///nonexistent/lmtp cannot be reached"));
}

TEST(ConnectorLmtp, RefusalsAreFaultsWithTheServersWords) {
  struct Case {
    const char* greeting;
    const char* answer;
    Stage stage;
    int code;
  };
  const Case cases[] = {{"421 4.3.2 busy\r\n", "", Stage::greeting, 421},
                        {"554 go away\r\n", "", Stage::greeting, 554},
                        {"220 x\r\n", "500 5.5.1 this is SMTP\r\n", Stage::ehlo, 500}};
  for (const Case& one : cases) {
    NetworkServer server([&](Peer& peer, int) {
      peer.say(one.greeting);
      peer.line();
      peer.say(one.answer);
      peer.line();
    });
    const Opened opened = Connecting().connect(lmtp_at(server));
    ASSERT_FALSE(opened.open());
    EXPECT_FALSE(opened.fault.configuration);
    EXPECT_EQ(opened.fault.outcome.stage, one.stage);
    EXPECT_EQ(opened.fault.outcome.code, one.code);
    EXPECT_THAT(opened.why(), HasSubstr("lmtp://127.0.0.1"));
  }
}

TEST(ConnectorLmtp, Row04DrippingGreetingAndSilentLhloAreLate) {
  for (const bool greets : {false, true}) {
    NetworkServer server([greets](Peer& peer, int) {
      if (greets) peer.say("220 x\r\n");
      for (;;) {
        peer.say(greets ? "250-x\r\n" : "2");
        std::this_thread::sleep_for(10ms);
      }
    });
    ClientOptions options;
    options.timeouts.greeting = options.timeouts.ehlo = 150ms;
    const Opened opened = Connecting(options).connect(lmtp_at(server));
    ASSERT_FALSE(opened.open());
    EXPECT_THAT(opened.fault.outcome.status.text(), testing::AnyOf("4.4.2", "4.5.0"));
  }
}

TEST(ConnectorLmtp, OctetsBehindTheReplyAndNoReplyAtAllEndTheSession) {
  struct Case {
    const char* greeting;
    const char* why;
  };
  const Case cases[] = {{"220 x\r\n250 surprise\r\n", "nobody asked for"},
                        {"HTTP/1.1 400 Bad Request\r\n", "that is no reply"},
                        {"220-a\r\n221 b\r\n", "unequal codes"},
                        {"", "lost"}};
  for (const Case& one : cases) {
    NetworkServer server([&](Peer& peer, int) {
      peer.say(one.greeting);
      if (*one.greeting != '\0') peer.line();
    });
    const Opened opened = Connecting().connect(lmtp_at(server));
    ASSERT_FALSE(opened.open()) << one.greeting;
    EXPECT_THAT(opened.why(), HasSubstr(one.why));
  }
}

TEST(ConnectorLmtp, Row07EndlessReplyIsLeft) {
  NetworkServer server([](Peer& peer, int) { peer.say_endlessly("220-again\r\n"); });
  EXPECT_THAT(Connecting().connect(lmtp_at(server)).why(), HasSubstr("64 KiB"));
}

TEST(ConnectorLmtp, TlsAndLogOnAreRefusedWithASentence) {
  ConnectTarget target = target_at(1, TlsPolicy::verify, "lmtp");
  EXPECT_THAT(Connecting().connect(target).why(),
              AllOf(HasSubstr("lmtp://127.0.0.1:1"), HasSubstr("LMTP has no TLS here")));
  target.tls.policy = TlsPolicy::none;
  target.relay.user = "jane";
  EXPECT_THAT(Connecting().connect(target).why(), HasSubstr("LMTP has no AUTH here"));
  ClientOptions options;
  options.relay = Relay::parse("lmtp://mx.example");
  EXPECT_EQ(relay_target(options, options.relay).tls.policy, TlsPolicy::none);
  options.tls = TlsPolicy::encrypt;
  EXPECT_THROW(relay_target(options, options.relay), std::invalid_argument);
}

}  // namespace
}  // namespace postern::smtp::test
