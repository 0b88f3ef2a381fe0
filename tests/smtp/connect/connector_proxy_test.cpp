// Proxies of the connector, and its LMTP, against servers on 127.0.0.1.
#include <cstdlib>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/connect/proxy.h"
#include "tests/smtp/support/connecting.h"
#include "tests/smtp/support/proxy_server.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Proxy, ReadsBothKinds) {
  const Proxy socks = Proxy::parse("socks5h://u:p%40@[::1]:1081");
  EXPECT_FALSE(socks.http);
  EXPECT_EQ(socks.user + ' ' + socks.password, "u p@");
  EXPECT_EQ(socks.text(), "socks5h://[::1]:1081");
  EXPECT_EQ(Proxy::parse("http://proxy").text(), "http://proxy:3128");
  EXPECT_EQ(Proxy::parse("socks5h://proxy/").text(), "socks5h://proxy:1080");
}

TEST(Proxy, RefusesEverythingElseWithoutShowingThePassword) {
  for (const char* url : {"", "proxy", "https://u:geheim@proxy", "socks4://u:geheim@proxy",
                          "http://u:geheim@", "http://u:geheim@proxy:x", "socks5h://u:geheim%@x"}) {
    try {
      Proxy::parse(url);
      ADD_FAILURE() << url;
    } catch (const std::invalid_argument& refusal) {
      EXPECT_THAT(refusal.what(), AllOf(HasSubstr("is no proxy"), Not(HasSubstr("geheim"))));
    }
  }
}

/// What the two kinds of proxies have in common.
struct Kind {
  const char* scheme;
  NetworkServer::Play (*play)(ProxyPlay&);
};

class ConnectorProxy : public testing::TestWithParam<Kind> {
 protected:
  ConnectorProxy()
      : server_([this](Peer& peer, int) {
          if (tls_ != nullptr) peer.start_tls(*tls_);
          peer.greet(pipelining);
          peer.line();
        }),
        proxy_(GetParam().play(play_)) {
    play_.server_port = server_.port();
    target_.relay = Relay::parse("smtp://mx.invalid:2525");
    target_.tls.policy = TlsPolicy::none;
  }

  Opened connect(const std::string& credentials = "") {
    ClientOptions options;
    if (tls_ != nullptr) options.ca_file = tls_->file();
    options.proxy = std::string(GetParam().scheme) + "://" + credentials +
                    "127.0.0.1:" + std::to_string(proxy_.port());
    return Connecting(options).connect(target_);
  }

  void expect_fault(const Opened& opened, bool configuration) {
    ASSERT_FALSE(opened.open());
    EXPECT_EQ(opened.fault.configuration, configuration) << opened.why();
    EXPECT_THAT(opened.why(), AllOf(HasSubstr("smtp://mx.invalid:2525"),
                                    HasSubstr(GetParam().scheme +
                                              ("://127.0.0.1:" + std::to_string(proxy_.port()))),
                                    HasSubstr("proxy"), Not(HasSubstr("geheim"))));
    EXPECT_THAT(opened.fault.transcript, Each(Not(HasSubstr("geheim"))));
  }

  const Certificate* tls_ = nullptr;
  ProxyPlay play_;
  NetworkServer server_;
  NetworkServer proxy_;
  ConnectTarget target_;
};

TEST_P(ConnectorProxy, ConnectsThroughItAndLeavesTheNameToIt) {
  const Opened opened = connect();
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_EQ(play_.asked_for, "mx.invalid:2525");
  EXPECT_EQ(opened.connection->host, "mx.invalid");
  EXPECT_THAT(opened.connection->transcript.front(), StartsWith("S: 220"));
}

TEST_P(ConnectorProxy, AddressIsAskedForInPlaceOfTheName) {
  target_.address = "127.0.0.9";
  const Opened opened = connect();
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_EQ(play_.asked_for, "127.0.0.9:2525");
  EXPECT_EQ(opened.connection->host, "mx.invalid[127.0.0.9]");
}

TEST_P(ConnectorProxy, LogsOnWithItsCredentials) {
  play_.user = "jane";
  play_.password = "geheim";
  const Opened opened = connect("jane:geheim@");
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_EQ(play_.credentials, "jane:geheim");
  EXPECT_THAT(opened.connection->transcript, Each(Not(HasSubstr("geheim"))));
}

TEST_P(ConnectorProxy, WrongOrNoCredentialsAreAConfigurationFault) {
  play_.user = "jane";
  play_.password = "other";
  expect_fault(connect("jane:geheim@"), true);
  expect_fault(connect(), true);
}

TEST_P(ConnectorProxy, RefusalToConnectIsATemporaryFault) {
  play_.server_port = 0;
  expect_fault(connect(), false);
}

TEST_P(ConnectorProxy, TlsGoesThroughIt) {
  const Certificate mx("DNS:mx.invalid");
  tls_ = &mx;
  target_.relay = Relay::parse("smtps://mx.invalid:2465");
  target_.tls.policy = TlsPolicy::verify;
  const Opened opened = connect();
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_TRUE(opened.connection->verified);
}

TEST_P(ConnectorProxy, LmtpGoesThroughIt) {
  target_.relay = Relay::parse("lmtp://mx.invalid:2424");
  const Opened opened = connect();
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_TRUE(opened.connection->lmtp);
  EXPECT_EQ(play_.asked_for, "mx.invalid:2424");
}

INSTANTIATE_TEST_SUITE_P(Kinds, ConnectorProxy,
                         testing::Values(Kind{"socks5h", &socks5}, Kind{"http", &http_connect}),
                         [](const auto& test) { return std::string(test.param.scheme); });

TEST(ConnectorWithoutProxy, DeadProxyIsATemporaryFaultThatNamesIt) {
  int port = 0;
  {
    const NetworkServer gone([](Peer&, int) {});
    port = gone.port();
  }
  for (const std::string scheme : {"socks5h", "http"}) {
    ClientOptions options;
    options.proxy = scheme + "://127.0.0.1:" + std::to_string(port);
    const Opened opened = Connecting(options).connect(target_at(25, TlsPolicy::none));
    EXPECT_FALSE(opened.fault.configuration);
    EXPECT_EQ(opened.fault.outcome.status.text(), "4.4.1");
    EXPECT_THAT(opened.why(), HasSubstr(options.proxy));
  }
}

TEST(ConnectorWithoutProxy, SilentProxyIsLateAsAConnectIs) {
  NetworkServer silent([](Peer& peer, int) { peer.line(); });
  ClientOptions options;
  options.proxy = "socks5h://127.0.0.1:" + std::to_string(silent.port());
  options.timeouts.connect = 100ms;
  const Opened opened = Connecting(options).connect(target_at(25, TlsPolicy::none));
  EXPECT_EQ(opened.fault.outcome.stage, Stage::connect);
  EXPECT_THAT(opened.why(), AllOf(HasSubstr(options.proxy), HasSubstr("0.1 s")));
}

TEST(ConnectorWithoutProxy, EnvironmentIsNotAsked) {
  NetworkServer server([](Peer& peer, int) {
    peer.greet(pipelining);
    peer.line();
  });
  for (const char* name : {"ALL_PROXY", "all_proxy", "smtp_proxy", "http_proxy"}) {
    ::setenv(name, "http://127.0.0.1:1", 1);
  }
  for (const std::string scheme : {"smtp", "lmtp"}) {
    const Opened opened = Connecting().connect(target_at(server.port(), TlsPolicy::none, scheme));
    EXPECT_TRUE(opened.open()) << opened.why();
  }
  for (const char* name : {"ALL_PROXY", "all_proxy", "smtp_proxy", "http_proxy"}) ::unsetenv(name);
}

}  // namespace
}  // namespace postern::smtp::test
