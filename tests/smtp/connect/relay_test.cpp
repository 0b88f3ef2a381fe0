#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/client.h"

namespace postern::smtp {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Relay, ReadsEveryPartOfAUrl) {
  const Relay relay = Relay::parse("smtps://us%65r%40x:p%3Aw:d@mail.example.org:2465");
  EXPECT_TRUE(relay.implicit_tls);
  EXPECT_EQ(relay.user, "user@x");
  EXPECT_EQ(relay.password, "p:w:d");
  EXPECT_EQ(relay.host, "mail.example.org");
  EXPECT_EQ(relay.port, 2465);
  EXPECT_EQ(relay.text(), "smtps://mail.example.org:2465");
}

TEST(Relay, KnowsTheDefaultPorts) {
  EXPECT_EQ(Relay::parse("smtp://mx").port, 25);
  EXPECT_EQ(Relay::parse("SMTPS://mx/").port, 465);
  EXPECT_EQ(Relay::parse("smtp://[::1]:2525").host, "::1");
  EXPECT_EQ(Relay::parse("smtp://[::1]").text(), "smtp://[::1]:25");
}

TEST(Relay, ReadsLmtpOverTcpAndOverAUnixSocket) {
  const Relay tcp = Relay::parse("lmtp://mx");
  EXPECT_TRUE(tcp.lmtp);
  EXPECT_EQ(tcp.text(), "lmtp://mx:24");
  const Relay local = Relay::parse("LMTP:///run/dovecot/lmtp");
  EXPECT_TRUE(local.lmtp);
  EXPECT_EQ(local.socket_path, "/run/dovecot/lmtp");
  EXPECT_EQ(local.text(), "lmtp:///run/dovecot/lmtp");
}

TEST(Relay, RefusesEverythingElseWithASentence) {
  const std::string long_path = "lmtp:///" + std::string(200, 'x');
  const std::pair<const char*, const char*> bad[] = {
      {"", "it does not begin with smtp://"},
      {"mx.example.org", "it does not begin with smtp://"},
      {"http://mx", "its scheme is \"http\""},
      {"smtp://", "there is no host"},
      {"smtp://:25", "there is no host"},
      {"smtp://mx:", "is no port"},
      {"smtp://mx:0", "is no port"},
      {"smtp://mx:65536", "is no port"},
      {"smtp://mx:25x", "is no port"},
      {"smtp://mx:25/path", "is no port"},
      {"smtp://mx/path", "is no host"},
      {"smtp://m x", "is no host"},
      {"smtp://mx\r\nRSET", "is no host"},
      {"smtp://[::1", "the bracket is not closed"},
      {"smtp://[::1]x", "behind the host is not understood"},
      {"lmtp://jane@mx", "takes no user name"},
      {"lmtp:///", "path of a socket"},
      {"lmtp:///a\nb", "control character"},
      {long_path.c_str(), "path of a socket"},
      {"smtp://@mx", "there is no user name"},
      {"smtp://a%zz@mx", "is not followed by two hex digits"},
      {"smtp://a:b%4@mx", "is not followed by two hex digits"},
      {"smtp://a:b%0d@mx", "holds a control character"}};
  for (const auto& [url, why] : bad) {
    try {
      Relay::parse(url);
      ADD_FAILURE() << url;
    } catch (const std::invalid_argument& refusal) {
      EXPECT_THAT(refusal.what(), HasSubstr(why));
      EXPECT_THAT(refusal.what(), Not(HasSubstr("\n")));
    }
  }
}

TEST(Relay, PasswordIsInNoErrorText) {
  for (const char* url : {"http://u:geheim@mx", "smtp://u:geheim@mx:x", "smtp://u:geheim%zz@mx"}) {
    try {
      Relay::parse(url);
      ADD_FAILURE() << url;
    } catch (const std::invalid_argument& refusal) {
      EXPECT_THAT(refusal.what(), Not(HasSubstr("geheim")));
    }
  }
  EXPECT_EQ(Relay::parse("smtp://u:geheim@mx").text(), "smtp://mx:25");
}

}  // namespace
}  // namespace postern::smtp
