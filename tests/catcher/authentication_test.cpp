#include "catcher/dialogue/authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::catcher {
namespace {

using testing::Eq;
using testing::Optional;
using Step = Authentication::Step;

TEST(Authentication, Base64IsDecodedStrictly) {
  EXPECT_THAT(decode_base64(""), Optional(Eq("")));
  EXPECT_THAT(decode_base64("QQ=="), Optional(Eq("A")));
  EXPECT_THAT(decode_base64("QUI="), Optional(Eq("AB")));
  EXPECT_THAT(decode_base64("QUJD"), Optional(Eq("ABC")));
  EXPECT_THAT(decode_base64("AGEAYg=="), Optional(Eq(std::string("\0a\0b", 4))));
  for (const auto* text :
       {"Q", "QQ", "QQ=", "Q===", "====", " QQ=", "QQ==QQ==", "Q*==", "QUJD\n"}) {
    EXPECT_THAT(decode_base64(text), Eq(std::nullopt)) << text;
  }
}

TEST(Authentication, PlainTakesUserAndPassword) {
  Authentication plain;
  ASSERT_EQ(plain.start("plain", "YWRtaW4AdXNlcgBwYXNz"), Step::done);  // admin NUL user NUL pass
  EXPECT_EQ(plain.credentials().user, "user");
  EXPECT_EQ(plain.credentials().password, "pass");
}

TEST(Authentication, PlainWithoutInitialResponseIsPrompted) {
  Authentication plain;
  ASSERT_EQ(plain.start("PLAIN", std::nullopt), Step::prompt);
  EXPECT_EQ(plain.prompt(), "");
  EXPECT_EQ(plain.respond("AHVzZXIAcGFzcw=="), Step::done);
}

TEST(Authentication, LoginPromptsForBoth) {
  Authentication login;
  ASSERT_EQ(login.start("LOGIN", std::nullopt), Step::prompt);
  EXPECT_EQ(login.prompt(), "VXNlcm5hbWU6");
  ASSERT_EQ(login.respond("dXNlcg=="), Step::prompt);
  EXPECT_EQ(login.prompt(), "UGFzc3dvcmQ6");
  ASSERT_EQ(login.respond("cGFzcw=="), Step::done);
  EXPECT_EQ(login.credentials().user, "user");
  EXPECT_EQ(login.credentials().password, "pass");
}

TEST(Authentication, FaultsAreToldApart) {
  EXPECT_EQ(Authentication().start("CRAM-MD5", std::nullopt), Step::unsupported);
  EXPECT_EQ(Authentication().start("PLAIN", "*"), Step::cancelled);
  EXPECT_EQ(Authentication().start("PLAIN", "!!!!"), Step::malformed);
  EXPECT_EQ(Authentication().start("PLAIN", "QUJD"), Step::malformed);
  EXPECT_EQ(Authentication().start("PLAIN", "="), Step::malformed);
}

}  // namespace
}  // namespace postern::catcher
