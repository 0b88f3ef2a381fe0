// What follows when a server refuses an AUTH mechanism or our name.
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "tests/smtp/support/logging_on.h"

namespace postern::smtp::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

TEST(ConnectorRefusal, MechanismThatIsRefusedIsFollowedByTheNextOne) {
  for (const char* refusal : {"504 5.5.4 unknown\r\n", "534 5.7.9 too weak\r\n",
                              "535 5.7.8 not this way\r\n", "538 5.7.11 encrypt\r\n"}) {
    std::vector<std::string> used;
    NetworkServer server(offering("AUTH PLAIN LOGIN", [&](Peer& peer, int) {
      used.push_back(peer.line());
      if (used.back().starts_with("AUTH PLAIN")) return peer.say(refusal);
      peer.say("334 VXNlcm5hbWU6\r\n");
      peer.line();
      peer.say("334 UGFzc3dvcmQ6\r\n");
      peer.line();
      peer.say("235 ok\r\n");
      peer.line();
    }));
    Connecting connecting(trusting());
    const Opened opened = connecting.connect(target_for(server, "jane:geheim@"));
    ASSERT_TRUE(opened.open()) << opened.why();
    ASSERT_THAT(used, SizeIs(2));
    EXPECT_EQ(used[1], "AUTH LOGIN");
    // What was refused is remembered.
    const Opened again = connecting.connect(target_for(server, "jane:geheim@"));
    ASSERT_TRUE(again.open()) << again.why();
    ASSERT_THAT(used, SizeIs(3));
    EXPECT_EQ(used[2], "AUTH LOGIN");
  }
}

TEST(ConnectorRefusal, PasswordThatEveryMechanismRefusesIsTriedOnceTheNextTime) {
  std::vector<std::string> used;
  NetworkServer server(offering("AUTH PLAIN LOGIN", [&](Peer& peer, int) {
    used.push_back(peer.line());
    peer.say("535 5.7.8 wrong\r\n");
  }));
  Connecting connecting(trusting());
  const Opened opened = connecting.connect(target_for(server, "jane:geheim@"));
  EXPECT_TRUE(opened.fault.configuration);
  EXPECT_THAT(opened.why(), HasSubstr("check the user name and the password"));
  ASSERT_THAT(used, SizeIs(2));
  connecting.connect(target_for(server, "jane:geheim@"));
  ASSERT_THAT(used, SizeIs(3));
  EXPECT_THAT(used[2], StartsWith("AUTH PLAIN"));
}

TEST(ConnectorRefusal, TlsThatOneSideDoesNotSpeakFromTheStartIsNamed) {
  NetworkServer in_the_clear([](Peer& peer, int) {
    peer.say("220 test.example\r\n");
    peer.take();
  });
  ClientOptions options = trusting();
  options.timeouts.connect = options.timeouts.greeting = std::chrono::milliseconds{200};
  const Opened to_plain =
      Connecting(options).connect(target_at(in_the_clear.port(), TlsPolicy::verify, "smtps"));
  EXPECT_THAT(to_plain.why(), HasSubstr("write smtp://"));
  NetworkServer silent([](Peer& peer, int) { peer.take(); });
  const Opened to_silent = Connecting(options).connect(target_at(silent.port(), TlsPolicy::none));
  EXPECT_THAT(to_silent.why(), HasSubstr("write smtps://"));
}

TEST(ConnectorRefusal, AdviceAboutACertificateIsAboutWhatIsWrongWithIt) {
  const Certificate other("DNS:other.example");
  NetworkServer server([&](Peer& peer, int) { peer.start_tls(other); });
  ClientOptions options;
  options.ca_file = other.file();
  const Opened opened =
      Connecting(options).connect(target_at(server.port(), TlsPolicy::verify, "smtps"));
  EXPECT_THAT(opened.why(), HasSubstr("the name that it is for"));
  EXPECT_THAT(opened.why(), testing::Not(HasSubstr("--ca-file")));
  const Opened unknown =
      Connecting(trusting()).connect(target_at(server.port(), TlsPolicy::verify, "smtps"));
  EXPECT_THAT(unknown.why(), HasSubstr("--ca-file"));
}

TEST(ConnectorRefusal, PasswordOfAFileIsTheOneThatIsThereNow) {
  std::string said;
  NetworkServer server(offering("AUTH PLAIN", answering(&said, "235 ok\r\n")));
  const TextFile file("first\nmore\n");
  ConnectTarget target = target_for(server, "jane@");
  target.relay.password_file = file.path();
  Connecting connecting(trusting());
  ASSERT_TRUE(connecting.connect(target).open());
  EXPECT_EQ(said, "AUTH PLAIN " + base64(std::string("\0jane\0first", 11)));
  std::ofstream(file.path()) << "second\r\n";
  ASSERT_TRUE(connecting.connect(target).open());
  EXPECT_EQ(said, "AUTH PLAIN " + base64(std::string("\0jane\0second", 12)));
  std::ofstream(file.path()) << "";
  const Opened empty = connecting.connect(target);
  EXPECT_TRUE(empty.fault.configuration);
  EXPECT_THAT(empty.why(), HasSubstr("password file"));
}

TEST(ConnectorRefusal, AdviceIsAboutWhatWasRefused) {
  const std::pair<const char*, const char*> answers[] = {
      {"504 5.5.4 unknown\r\n", "--auth"},   {"534 5.7.9 weak\r\n", "stronger"},
      {"538 5.7.11 encrypt\r\n", "use TLS"}, {"535 5.7.8 no\r\n", "the password"},
      {"535 5.7.13 closed\r\n", "account"},  {"502 no AUTH\r\n", "another port"},
      {"501 5.5.2 what\r\n", "--auth"}};
  for (const auto& [answer, advice] : answers) {
    NetworkServer server(offering("AUTH PLAIN", answering(nullptr, answer)));
    const Opened opened = log_on(server);
    EXPECT_TRUE(opened.fault.configuration) << answer;
    EXPECT_THAT(opened.why(), HasSubstr(advice)) << answer;
    EXPECT_EQ(opened.why().find("the password") != std::string::npos,
              std::string_view(advice) == "the password")
        << opened.why();
  }
}

TEST(ConnectorRefusal, RefusalOfOurNameNamesTheOption) {
  for (const char* answer : {"504 5.5.2 need fully-qualified hostname\r\n", "501 bad argument\r\n",
                             "550 5.7.1 HELO name refused\r\n"}) {
    NetworkServer server([&](Peer& peer, int) {
      peer.say("220 test.example\r\n");
      while (!peer.line().empty()) peer.say(answer);
    });
    const Opened opened =
        Connecting(trusting()).connect(target_at(server.port(), TlsPolicy::none, "smtp", ""));
    ASSERT_FALSE(opened.open());
    EXPECT_TRUE(opened.fault.configuration) << answer;
    EXPECT_EQ(opened.fault.outcome.verdict, Verdict::retry);
    EXPECT_THAT(opened.why(), HasSubstr("--helo")) << answer;
  }
}

}  // namespace
}  // namespace postern::smtp::test
