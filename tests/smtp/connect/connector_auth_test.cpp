// AUTH of the connector against servers on 127.0.0.1 (smtp-transactions.md rows 10, 20–23, 78).

#include <atomic>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.h"
#include "tests/smtp/support/logging_on.h"
#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void expect_no_secret(const Opened& opened, const std::string& secret) {
  EXPECT_THAT(opened.why(), Not(HasSubstr(secret)));
  EXPECT_THAT(opened.fault.transcript, Each(Not(HasSubstr(secret))));
  if (opened.open()) {
    EXPECT_THAT(opened.connection->transcript, Each(Not(HasSubstr(secret))));
  }
}

std::string hex(const unsigned char* octets, unsigned int size) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (unsigned int index = 0; index < size; ++index) {
    text += digits[octets[index] >> 4];
    text += digits[octets[index] & 15];
  }
  return text;
}

std::string md5(const std::string& text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
             EVP_md5(), nullptr);
  digest.resize(size);
  return digest;
}

std::string hex_md5(const std::string& text) {
  const std::string digest = md5(text);
  return hex(reinterpret_cast<const unsigned char*>(digest.data()),
             static_cast<unsigned int>(digest.size()));
}

std::string hmac_md5(const std::string& key, const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_md5(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return hex(digest, size);
}

// Mechanisms in which libcurl may block

ClientOptions with_ticket() {
  ClientOptions options;
  options.timeouts.greeting = 200ms;
  options.auth_mechanisms = {"GSSAPI"};
  return options;
}

TEST(ConnectorAuth, AStepHasItsLimitInAnAttemptThatMayBlockToo) {
  NetworkServer silent([](Peer& peer, int) { peer.take(); });
  ConnectTarget target = target_at(silent.port(), TlsPolicy::none);
  target.relay.user = "ann@REALM";
  const auto began = std::chrono::steady_clock::now();
  const Opened opened = Connecting(with_ticket()).connect(target);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  ASSERT_FALSE(opened.open());
  EXPECT_EQ(opened.fault.outcome.stage, Stage::greeting) << opened.why();
}

TEST(ConnectorAuth, AClientEndsWhileAnAttemptThatMayBlockIsUnderWay) {
  NetworkServer silent([](Peer& peer, int) { peer.take(); });
  ClientOptions options = with_ticket();
  options.timeouts.greeting = 60s;
  options.tls = TlsPolicy::none;
  options.relay = target_at(silent.port(), TlsPolicy::none).relay;
  options.relay.user = "ann@REALM";
  std::stop_source stop;
  {
    Client client(options);
    const TextSource letter("Subject: x\r\n\r\n");
    std::jthread ender([&stop] {
      std::this_thread::sleep_for(300ms);
      stop.request_stop();
    });
    const auto delivery = client.deliver(envelope_to({"a@x"}), letter, stop.get_token());
    EXPECT_EQ(delivery.recipients.at(0).verdict, Verdict::retry);
  }
  std::this_thread::sleep_for(100ms);  // the thread that was left behind ends
}

// Passwords

TEST(ConnectorAuth, PlainIsPreferredByDefault) {
  std::string command;
  NetworkServer server(
      offering("AUTH CRAM-MD5 DIGEST-MD5 LOGIN PLAIN", answering(&command, "235 ok\r\n")));
  const Opened opened = log_on(server);
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_EQ(command, "AUTH PLAIN " + base64("\0jane\0geheim"s));
  EXPECT_THAT(opened.connection->transcript, Contains("C: AUTH PLAIN …"));
  expect_no_secret(opened, "geheim");
}

TEST(ConnectorAuth, ChallengeMechanismIsUsedWhereNothingElseIsOffered) {
  std::string response;
  NetworkServer server(offering("AUTH CRAM-MD5", [&](Peer& peer, int) {
    if (peer.line() != "AUTH CRAM-MD5") return;
    peer.say("334 " + base64("<1@test.example>") + "\r\n");
    response = peer.line();
    peer.say("235 ok\r\n");
    peer.line();
  }));
  const Opened opened = log_on(server);
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_EQ(base64_decoded(response).value_or(""),
            "jane " + hmac_md5("geheim", "<1@test.example>"));
  EXPECT_EQ(server.connections(), 2);
  expect_no_secret(opened, response);
}

/// The value of a directive of DIGEST-MD5.
std::string directive(const std::string& text, const std::string& name) {
  std::size_t begin = text.find(name + "=");
  if (begin == std::string::npos) return "";
  begin += name.size() + 1;
  const bool quoted = text[begin] == '"';
  if (quoted) ++begin;
  return text.substr(begin, text.find_first_of(quoted ? "\"" : ",", begin) - begin);
}

TEST(ConnectorAuth, DigestMd5AnswersTheChallenge) {
  std::string said;
  NetworkServer server(offering("AUTH DIGEST-MD5 PLAIN", [&](Peer& peer, int) {
    if (peer.line() != "AUTH DIGEST-MD5") return;
    peer.say("334 " +
             base64("realm=\"test.example\",nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\","
                    "algorithm=md5-sess,charset=utf-8") +
             "\r\n");
    said = base64_decoded(peer.line()).value_or("");
    peer.say("334 " + base64("rspauth=ea40f60335c427b5527b84dbabcdfffd") + "\r\n");
    EXPECT_EQ(peer.line(), "");
    peer.say("235 ok\r\n");
    peer.line();
  }));
  ClientOptions options = trusting();
  options.auth_mechanisms = {"DIGEST-MD5"};
  const Opened opened = log_on(server, options);
  ASSERT_TRUE(opened.open()) << opened.why();
  // RFC 2831 §2.1.2.1
  const std::string a1 =
      md5("jane:test.example:geheim") + ":OA6MG9tEQGm2hh:" + directive(said, "cnonce");
  const std::string a2 = "AUTHENTICATE:" + directive(said, "digest-uri");
  EXPECT_EQ(directive(said, "response"),
            hex_md5(hex_md5(a1) + ":OA6MG9tEQGm2hh:" + directive(said, "nc") + ":" +
                    directive(said, "cnonce") + ":auth:" + hex_md5(a2)));
}

TEST(ConnectorAuth, OnlyAllowedMechanismsAreUsed) {
  std::atomic<bool> said_auth = false;
  NetworkServer server(offering("AUTH PLAIN LOGIN XOAUTH2", [&](Peer& peer, int) {
    said_auth = peer.line().starts_with("AUTH");
  }));
  ClientOptions options = trusting();
  options.auth_mechanisms = {"CRAM-MD5"};
  const Opened opened = log_on(server, options);
  ASSERT_FALSE(opened.open());
  EXPECT_TRUE(opened.fault.configuration);
  EXPECT_THAT(opened.why(),
              AllOf(HasSubstr("smtps://127.0.0.1"), HasSubstr("only PLAIN, LOGIN, XOAUTH2")));
  EXPECT_FALSE(said_auth);
}

TEST(ConnectorAuth, Row20ServerWithoutAuthHearsNoMail) {
  for (const char* offer : {"SIZE", "AUTH"}) {
    NetworkServer server(offering(offer, [](Peer& peer, int) { peer.line(); }));
    const Opened opened = log_on(server);
    ASSERT_FALSE(opened.open());
    EXPECT_TRUE(opened.fault.configuration);
    EXPECT_EQ(opened.fault.outcome.stage, Stage::auth);
  }
}

TEST(ConnectorAuth, Row10KeywordsInAnyCaseAndTheOldFormAreUnderstood) {
  for (const char* offer : {"auth=LOGIN plain", "Auth\tPlain", "AUTH=PLAIN", "auth plain"}) {
    std::string command;
    NetworkServer server([&](Peer& peer, int) {
      peer.greet("250-test.example\r\n250-size abc\r\n250 starttls\r\n");
      if (peer.line() != "STARTTLS") return;
      peer.say("220 go\r\n");
      peer.start_tls(localhost_certificate());
      peer.line();
      peer.say("250-test.example\r\n250 "s + offer + "\r\n");
      answering(&command, "235 ok\r\n")(peer, 0);
    });
    const Opened opened =
        Connecting(trusting())
            .connect(target_at(server.port(), TlsPolicy::verify, "smtp", "jane:geheim@"));
    ASSERT_TRUE(opened.open()) << offer << ": " << opened.why();
    EXPECT_THAT(command, StartsWith("AUTH PLAIN")) << offer;
  }
}

TEST(ConnectorAuth, Row21RefusalsAreAConfigurationFaultOrTemporary) {
  const std::pair<const char*, bool> answers[] = {{"535 5.7.8 no\r\n", true},
                                                  {"454 4.7.0 later\r\n", false}};
  for (const auto& [answer, configuration] : answers) {
    NetworkServer server(offering("AUTH PLAIN", answering(nullptr, answer)));
    const Opened opened = log_on(server);
    ASSERT_FALSE(opened.open());
    EXPECT_EQ(opened.fault.configuration, configuration);
    EXPECT_EQ(opened.fault.outcome.stage, Stage::auth);
    EXPECT_EQ(server.connections(), 1);
    EXPECT_THAT(opened.fault.transcript, Contains("C: AUTH PLAIN …"));
  }
}

TEST(ConnectorAuth, LoginIsUsedWherePlainIsNotOfferedAndBeginsWithTheQuestion) {
  std::vector<std::string> lines;
  NetworkServer server(offering("AUTH LOGIN", [&](Peer& peer, int) {
    lines.push_back(peer.line());
    peer.say("334 VXNlcm5hbWU6\r\n");
    lines.push_back(peer.line());
    peer.say("334 UGFzc3dvcmQ6\r\n");
    lines.push_back(peer.line());
    peer.say("235 ok\r\n");
    peer.line();
  }));
  const Opened opened = log_on(server);
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_THAT(lines, ElementsAre("AUTH LOGIN", base64("jane"), base64("geheim")));
  expect_no_secret(opened, base64("geheim"));
}

TEST(ConnectorAuth, Row22EndlessChallengesEndEveryMechanism) {
  for (const char* mechanism : {"PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"}) {
    std::atomic<int> rounds = 0;
    NetworkServer server(offering("AUTH "s + mechanism, [&](Peer& peer, int) {
      for (;;) {
        peer.line();
        ++rounds;
        peer.say("334 " + base64("realm=\"x\",nonce=\"y\",qop=\"auth\",algorithm=md5-sess") +
                 "\r\n");
      }
    }));
    ClientOptions options = trusting();
    options.auth_mechanisms = {mechanism};
    const Opened opened = log_on(server, options);
    ASSERT_FALSE(opened.open()) << mechanism;
    EXPECT_FALSE(opened.fault.configuration) << mechanism << ": " << opened.why();
    EXPECT_LE(rounds, ConnectTranscript::max_challenges);
  }
}

TEST(ConnectorAuth, SecretThatAServerRepeatsIsInNoTextAndNoTranscript) {
  NetworkServer server(offering("AUTH PLAIN", [](Peer& peer, int) {
    const std::string command = peer.line();
    peer.say("500-what is \"" + command.substr(0, 25) + "\"?\r\n500 or geheim-wort?\r\n");
  }));
  const Opened opened = log_on(server, trusting(), "jane:geheim-wort@");
  ASSERT_FALSE(opened.open());
  expect_no_secret(opened, "geheim-wort");
  expect_no_secret(opened, base64("\0jane\0geheim-wort"s).substr(0, 14));
}

TEST(ConnectorAuth, LogOnHasItsOwnLimit) {
  NetworkServer server(offering("AUTH PLAIN", [](Peer& peer, int) {
    for (;;) peer.line();
  }));
  ClientOptions options = trusting();
  options.timeouts.auth = 100ms;
  const Opened opened = log_on(server, options);
  EXPECT_EQ(opened.fault.outcome.stage, Stage::auth);
  EXPECT_EQ(opened.fault.outcome.status.text(), "4.4.2");
}

TEST(ConnectorAuth, CredentialsNeverGoInTheClear) {
  std::string heard;
  NetworkServer server([&](Peer& peer, int) { heard = peer.line(); });
  ConnectTarget target = target_at(server.port(), TlsPolicy::may, "smtp", "jane:geheim@");
  for (const TlsPolicy policy : {TlsPolicy::none, TlsPolicy::may}) {
    target.tls.policy = policy;
    target.relay.host = "mx.example";
    EXPECT_THAT(Connecting().connect(target).why(), HasSubstr("in the clear"));
  }
  // After a proxy, a loopback address is another machine's.
  ClientOptions options;
  options.proxy = "socks5h://127.0.0.1:" + std::to_string(server.port());
  target.relay.host = "127.0.0.1";
  target.tls.policy = TlsPolicy::none;
  EXPECT_THAT(Connecting(options).connect(target).why(), HasSubstr("in the clear"));
  EXPECT_EQ(server.connections(), 0);
}

// Client certificates

TEST(ConnectorAuth, ClientCertificateLogsOnWithExternal) {
  const Certificate server_certificate("DNS:localhost,IP:127.0.0.1");
  const Certificate client_certificate("DNS:client.example");
  SSL_CTX_load_verify_locations(server_certificate.context(), client_certificate.file().c_str(),
                                nullptr);
  SSL_CTX_set_verify(server_certificate.context(),
                     SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  std::string command;
  NetworkServer server([&](Peer& peer, int) {
    peer.start_tls(server_certificate);
    peer.greet("250-test.example\r\n250 AUTH PLAIN EXTERNAL\r\n");
    answering(&command, "235 ok\r\n")(peer, 0);
  });
  ClientOptions options;
  options.ca_file = server_certificate.file();
  options.client_certificate = client_certificate.file();
  const Opened named = log_on(server, options, "jane@");
  ASSERT_TRUE(named.open()) << named.why();
  EXPECT_EQ(command, "AUTH EXTERNAL " + base64("jane"));
  options.auth_mechanisms = {"EXTERNAL"};
  options.client_key = client_certificate.file();
  const Opened unnamed = log_on(server, options, "");
  ASSERT_TRUE(unnamed.open()) << unnamed.why();
  EXPECT_EQ(command, "AUTH EXTERNAL =");
}

TEST(ConnectorAuth, UnusableClientCertificateIsAConfigurationFault) {
  const TextFile broken("no certificate\n");
  NetworkServer server(offering("AUTH EXTERNAL", [](Peer& peer, int) { peer.line(); }));
  ClientOptions options = trusting();
  options.client_certificate = broken.path();
  const Opened opened = log_on(server, options, "jane@");
  ASSERT_FALSE(opened.open());
  EXPECT_TRUE(opened.fault.configuration);
  EXPECT_THAT(opened.why(), HasSubstr("client certificate for smtps://127.0.0.1"));
}

// netrc

TEST(ConnectorAuth, NetrcFileGivesTheHostsCredentials) {
  const TextFile netrc(
      "machine other login x password y\nmachine 127.0.0.1 login jane password geheim\n");
  std::string command;
  NetworkServer server(offering("AUTH PLAIN", answering(&command, "235 ok\r\n")));
  ClientOptions options = trusting();
  options.netrc_file = netrc.path();
  for (const char* credentials : {"", "jane@"}) {
    const Opened opened = log_on(server, options, credentials);
    ASSERT_TRUE(opened.open()) << opened.why();
    EXPECT_EQ(command, "AUTH PLAIN " + base64("\0jane\0geheim"s));
    expect_no_secret(opened, "geheim");
  }
}

TEST(ConnectorAuth, NetrcFileWithoutThePasswordOfAUserIsAConfigurationFault) {
  const TextFile netrc("machine 127.0.0.1 login joe password geheim\n");
  NetworkServer server(offering("AUTH PLAIN", [](Peer& peer, int) { peer.line(); }));
  ClientOptions options = trusting();
  options.netrc_file = netrc.path();
  const Opened opened = log_on(server, options, "jane@");
  EXPECT_TRUE(opened.fault.configuration);
  EXPECT_THAT(opened.why(), AllOf(HasSubstr(netrc.path()), HasSubstr("\"jane\" at 127.0.0.1")));
  expect_no_secret(opened, "geheim");
}

TEST(ConnectorAuth, NetrcCredentialsMakeTlsRequired) {
  const TextFile netrc("machine 127.0.0.1 login jane password geheim\n");
  ClientOptions options;
  options.relay = Relay::parse("smtp://127.0.0.1");
  EXPECT_EQ(relay_target(options, options.relay).tls.policy, TlsPolicy::may);
  options.netrc_file = netrc.path();
  EXPECT_EQ(relay_target(options, options.relay).tls.policy, TlsPolicy::verify);
  options.tls = TlsPolicy::may;
  EXPECT_THROW(relay_target(options, options.relay), std::invalid_argument);
}

// Tokens

/// A token command that prints "token-N", counted in the file.
std::vector<std::string> counting(const TextFile& file) {
  return {"/bin/sh", "-c",
          "echo x >> \"$0\"; echo \"token-$(wc -l < \"$0\" | tr -d ' ')\"; echo more", file.path()};
}

std::string xoauth2(const std::string& token) {
  return "AUTH XOAUTH2 " + base64(
                               "user=jane\x01"
                               "auth=Bearer " +
                               token + "\x01\x01");
}

TEST(ConnectorAuth, TokenIsPrintedByItsCommandOnceForAllConnections) {
  const TextFile runs("");
  std::string command;
  NetworkServer server(offering("AUTH PLAIN XOAUTH2", answering(&command, "235 ok\r\n")));
  ClientOptions options = trusting();
  options.token_command = counting(runs);
  Connecting connecting(options);
  for (int connection = 0; connection < 3; ++connection) {
    const Opened opened = connecting.connect(target_for(server, "jane@"));
    ASSERT_TRUE(opened.open()) << opened.why();
    EXPECT_EQ(command, xoauth2("token-1"));
    expect_no_secret(opened, "token-1");
  }
  EXPECT_EQ(runs.text(), "x\n");
}

TEST(ConnectorAuth, OauthbearerIsPreferredToXoauth2) {
  const TextFile runs("");
  std::string command;
  NetworkServer server(offering("AUTH XOAUTH2 OAUTHBEARER", answering(&command, "235 ok\r\n")));
  ClientOptions options = trusting();
  options.token_command = counting(runs);
  const Opened opened = log_on(server, options, "jane@");
  ASSERT_TRUE(opened.open()) << opened.why();
  ASSERT_THAT(command, StartsWith("AUTH OAUTHBEARER "));
  EXPECT_THAT(base64_decoded(command.substr(17)).value_or(""),
              AllOf(StartsWith("n,a=jane,\x01"), HasSubstr("\x01"
                                                           "auth=Bearer token-1\x01")));
}

TEST(ConnectorAuth, Row23RefusedTokenIsAskedForOnceMoreAndTheNewOneIsUsed) {
  for (const bool by_challenge : {false, true}) {
    const TextFile runs("");
    NetworkServer server(offering("AUTH XOAUTH2", [&](Peer& peer, int) {
      if (peer.line() == xoauth2("token-2")) {
        peer.say("235 ok\r\n");
      } else if (by_challenge) {
        peer.say("334 " + base64("{\"status\":\"401\"}") + "\r\n");
      } else {
        peer.say("535 5.7.8 expired\r\n");
      }
      peer.line();
    }));
    ClientOptions options = trusting();
    options.token_command = counting(runs);
    const Opened opened = log_on(server, options, "jane@");
    ASSERT_TRUE(opened.open()) << opened.why();
    EXPECT_EQ(runs.text(), "x\nx\n");
  }
}

TEST(ConnectorAuth, Row23TokenThatIsRefusedTwiceIsAConfigurationFault) {
  for (const char* mechanism : {"XOAUTH2", "OAUTHBEARER"}) {
    const TextFile runs("");
    std::vector<std::string> replies;
    NetworkServer server(offering("AUTH "s + mechanism, [&](Peer& peer, int) {
      peer.line();
      peer.say("334 " + base64("{\"status\":\"401\"}") + "\r\n");
      replies.push_back(peer.line());
      peer.say("535 5.7.8 bad token\r\n");
    }));
    ClientOptions options = trusting();
    options.token_command = counting(runs);
    const Opened opened = log_on(server, options, "jane@");
    ASSERT_FALSE(opened.open());
    EXPECT_TRUE(opened.fault.configuration);
    EXPECT_EQ(opened.fault.outcome.stage, Stage::auth);
    EXPECT_THAT(opened.why(), AllOf(HasSubstr("refused the token"), HasSubstr("token command")));
    EXPECT_EQ(runs.text(), "x\nx\n");
    EXPECT_THAT(replies, Each("AQ=="));  // OAUTHBEARER's (RFC 7628 §3.2.3); none to XOAUTH2
    expect_no_secret(opened, "token-1");
    expect_no_secret(opened, "token-2");
  }
}

TEST(ConnectorAuth, TokenThatIsRefusedForTheTimeBeingIsKept) {
  const TextFile runs("");
  NetworkServer server(offering("AUTH XOAUTH2", answering(nullptr, "454 4.7.0 later\r\n")));
  ClientOptions options = trusting();
  options.token_command = counting(runs);
  const Opened opened = log_on(server, options, "jane@");
  EXPECT_FALSE(opened.fault.configuration);
  EXPECT_EQ(runs.text(), "x\n");
}

TEST(ConnectorAuth, TokenCommandThatFailsIsSaidWithoutItsOutput) {
  struct Case {
    const char* script;
    const char* why;
  };
  const Case cases[] = {{"echo geheim; echo geheim >&2; exit 3", "failed"},
                        {"echo geheim; kill -9 $$", "failed"},
                        {"exit 0", "printed no token"},
                        {"printf 'gehe\\001im\\n'", "printed no token"},
                        {"echo 'geheim with blanks'", "printed no token"},
                        {"echo geheim; sleep 60", "did not end within 0.2 s"}};
  NetworkServer server(offering("AUTH XOAUTH2", [](Peer& peer, int) { peer.line(); }));
  for (const Case& one : cases) {
    ClientOptions options = trusting();
    options.token_command = {"/bin/sh", "-c", one.script, "secret-argument"};
    if (one.why == "did not end within 0.2 s"s) options.timeouts.token_command = 200ms;
    const Opened opened = log_on(server, options, "jane@");
    EXPECT_FALSE(opened.fault.configuration);
    EXPECT_THAT(opened.why(), AllOf(HasSubstr("smtps://127.0.0.1"), HasSubstr("\"/bin/sh\""),
                                    HasSubstr(one.why), Not(HasSubstr("secret-argument"))));
    expect_no_secret(opened, "geheim");
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(ConnectorAuth, TokenCommandThatDoesNotExistIsAConfigurationFault) {
  NetworkServer server(offering("AUTH XOAUTH2", [](Peer& peer, int) { peer.line(); }));
  ClientOptions options = trusting();
  options.token_command = {"/nonexistent/token"};
  const Opened opened = log_on(server, options, "jane@");
  EXPECT_TRUE(opened.fault.configuration);
  EXPECT_THAT(opened.why(), AllOf(HasSubstr("\"/nonexistent/token\""), HasSubstr("No such file")));
}

TEST(ConnectorAuth, WhatATokenCommandLeavesRunningHoldsNobody) {
  std::string command;
  NetworkServer server(offering("AUTH XOAUTH2", answering(&command, "235 ok\r\n")));
  ClientOptions options = trusting();
  options.token_command = {"/bin/sh", "-c", "sleep 5 & echo token"};
  const Opened opened = log_on(server, options, "jane@");
  ASSERT_TRUE(opened.open()) << opened.why();
  EXPECT_EQ(command, xoauth2("token"));
}

// Options

TEST(ConnectorAuth, OptionsThatCannotBeUsedAreRefusedWithASentence) {
  const auto refused = [](const std::function<void(ClientOptions&)>& change) -> std::string {
    ClientOptions options;
    options.relay = Relay::parse("smtp://jane:geheim@mx.example");
    change(options);
    try {
      Connecting connecting(options);
      relay_target(options, options.relay);
    } catch (const std::invalid_argument& refusal) {
      return refusal.what();
    }
    return "";
  };
  EXPECT_THAT(refused([](auto& o) { o.auth_mechanisms = {"NTLM"}; }), HasSubstr("\"NTLM\""));
  EXPECT_THAT(
      refused([](auto& o) { o.auth_mechanisms = {"XOAUTH2"}; }),
      AllOf(HasSubstr("smtp://mx.example"), HasSubstr("XOAUTH2"), Not(HasSubstr("geheim"))));
  EXPECT_THAT(refused([](auto& o) { o.token_command = {""}; }), HasSubstr("no program"));
  EXPECT_THAT(refused([](auto& o) { o.token_command = {"x", "a\0b"s}; }), HasSubstr("NUL"));
  EXPECT_THAT(refused([](auto& o) { o.client_certificate = "/nonexistent"; }),
              HasSubstr("/nonexistent"));
  EXPECT_THAT(refused([](auto& o) { o.client_key = localhost_certificate().file(); }),
              HasSubstr("no certificate"));
  EXPECT_THAT(refused([](auto& o) { o.netrc_file = "/nonexistent"; }), HasSubstr("/nonexistent"));
  EXPECT_THAT(refused([](auto& o) { o.proxy = "mx:1080"; }), HasSubstr("is no proxy"));
  EXPECT_THAT(refused([](auto& o) { o.relay.password = "a\r\nMAIL"; }), HasSubstr("control"));
  EXPECT_THAT(refused([](auto& o) { o.tls = TlsPolicy::dane; }), HasSubstr("no TLSA record"));
  EXPECT_THAT(refused([](auto& o) { o.fingerprints = {"ab"}; }), HasSubstr("64 hexadecimal"));
  EXPECT_EQ(refused([](auto&) {}), "");
}

}  // namespace
}  // namespace postern::smtp::test
