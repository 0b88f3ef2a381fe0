#include "smtp/dialogue/secret_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"

namespace postern::smtp {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view user = "jane@example.org";
constexpr std::string_view password = "Geheim-Wort";

/// A mask that knows the user and learns the rest.
SecretMask learning() {
  SecretMask mask;
  mask.set_user(user);
  return mask;
}

const std::string plain_response = base64("\0"s + std::string(user) + '\0' + std::string(password));

TEST(SecretMask, PlainShowsItsMechanismAndNothingElse) {
  SecretMask mask = learning();
  EXPECT_EQ(mask.client_said("AUTH PLAIN " + plain_response), "AUTH PLAIN …");
  EXPECT_EQ(mask.server_said(235, "2.7.0 welcome"), "2.7.0 welcome");
  EXPECT_EQ(mask.client_said("MAIL FROM:<a@b.example>"), "MAIL FROM:<a@b.example>");
}

TEST(SecretMask, PlainWithoutInitialResponseMasksTheContinuation) {
  SecretMask mask = learning();
  EXPECT_EQ(mask.client_said("AUTH PLAIN"), "AUTH PLAIN");
  EXPECT_EQ(mask.server_said(334, ""), "");
  EXPECT_EQ(mask.client_said(plain_response), "…");
}

TEST(SecretMask, LoginMasksBothLinesAndBothPrompts) {
  SecretMask mask = learning();
  EXPECT_EQ(mask.client_said("AUTH LOGIN"), "AUTH LOGIN");
  EXPECT_EQ(mask.server_said(334, base64("Username:")), "…");
  EXPECT_EQ(mask.client_said(base64(user)), "…");
  EXPECT_EQ(mask.server_said(334, base64("Password:")), "…");
  EXPECT_EQ(mask.client_said(base64(password)), "…");
  EXPECT_EQ(mask.server_said(535, "no such password: " + std::string(password)),
            "no such password: …");
}

TEST(SecretMask, CramMd5MasksChallengeAndDigest) {
  SecretMask mask = learning();
  const std::string digest = "b913a602c7eda7a495b4e6e7334d3890";
  EXPECT_EQ(mask.client_said("AUTH CRAM-MD5"), "AUTH CRAM-MD5");
  EXPECT_EQ(mask.server_said(334, base64("<1896.697170952@postoffice.example>")), "…");
  EXPECT_EQ(mask.client_said(base64(std::string(user) + ' ' + digest)), "…");
  EXPECT_EQ(mask.server_said(535, "jane@example.org gave " + digest), "jane@example.org gave …");
}

TEST(SecretMask, DigestMd5AndGssapiMaskEveryRound) {
  for (const char* mechanism : {"DIGEST-MD5", "GSSAPI"}) {
    SecretMask mask = learning();
    EXPECT_EQ(mask.client_said("AUTH "s + mechanism), "AUTH "s + mechanism);
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(mask.server_said(334, base64("challenge")), "…");
      EXPECT_EQ(mask.client_said(base64("response")), "…");
    }
    EXPECT_EQ(mask.server_said(334, base64("rspauth=x")), "…");
    EXPECT_EQ(mask.client_said(""), "");
    EXPECT_EQ(mask.server_said(235, "welcome"), "welcome");
    EXPECT_FALSE(mask.within_auth());
  }
}

TEST(SecretMask, ScramMasksEveryRound) {
  SecretMask mask = learning();
  EXPECT_EQ(mask.client_said("AUTH SCRAM-SHA-256 " + base64("n,,n=jane,r=rOprNGfwEbeRWgbNEkqO")),
            "AUTH SCRAM-SHA-256 …");
  EXPECT_EQ(mask.server_said(334, base64("r=rOprNG%hvYDp,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")), "…");
  EXPECT_EQ(
      mask.client_said(base64("c=biws,r=rOprNG%hvYDp,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7A")),
      "…");
}

TEST(SecretMask, TokensOfTheOauthMechanismsAreTakenOutDecodedToo) {
  const std::string token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg";
  const std::string responses[] = {base64("user=jane@example.org\x01"
                                          "auth=Bearer " +
                                          token + "\x01\x01"),
                                   base64("n,a=jane@example.org,\x01host=mx\x01port=587\x01"
                                          "auth=Bearer " +
                                          token + "\x01\x01")};
  for (const std::string& response : responses) {
    SecretMask mask = learning();
    EXPECT_EQ(mask.client_said("AUTH XOAUTH2 " + response), "AUTH XOAUTH2 …");
    EXPECT_EQ(mask.server_said(334, base64("{\"status\":\"401\"}")), "…");
    EXPECT_EQ(mask.client_said(""), "");
    EXPECT_EQ(
        mask.server_said(535, "5.7.8 bad token " + token + " of jane@example.org at port 587"),
        "5.7.8 bad token … of jane@example.org at port 587");
  }
}

TEST(SecretMask, ExternalMasksTheIdentity) {
  SecretMask mask;
  EXPECT_EQ(mask.client_said("AUTH EXTERNAL " + base64("jane")), "AUTH EXTERNAL …");
  SecretMask empty;
  EXPECT_EQ(empty.client_said("AUTH EXTERNAL ="), "AUTH EXTERNAL …");
  EXPECT_EQ(empty.server_said(235, "a = b"), "a = b");
}

TEST(SecretMask, CommandThatAServerRepeatsIsTakenOutWholeCutAndInAnotherCase) {
  std::string upper = plain_response;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  for (const std::string& echo :
       {plain_response, plain_response.substr(0, 12), plain_response.substr(5), upper}) {
    SecretMask mask = learning();
    mask.client_said("AUTH PLAIN " + plain_response);
    EXPECT_EQ(mask.server_said(500, "what is \"AUTH PLAIN " + echo + "\"?"),
              "what is \"AUTH PLAIN …\"?");
  }
}

TEST(SecretMask, WhatWasLearntIsTakenOutOfLaterTextsAsWell) {
  SecretMask mask = learning();
  mask.client_said("AUTH PLAIN " + plain_response);
  mask.server_said(535, "no");
  EXPECT_EQ(mask.server_said(221, "bye, " + plain_response), "bye, …");
  EXPECT_EQ(mask.masked("library says Geheim-Wort"), "library says …");
}

TEST(SecretMask, CancellationIsShown) {
  SecretMask mask = learning();
  mask.client_said("AUTH CRAM-MD5");
  mask.server_said(334, "!");
  EXPECT_EQ(mask.client_said("*"), "*");
  EXPECT_EQ(mask.server_said(501, "cancelled"), "cancelled");
  EXPECT_FALSE(mask.within_auth());
}

TEST(SecretMask, CommandWithinTheExchangeIsAResponse) {
  SecretMask mask = learning();
  mask.client_said("AUTH PLAIN");
  EXPECT_EQ(mask.client_said("AUTH LOGIN"), "…");
}

TEST(SecretMask, MechanismThatIsNoneIsMaskedTogetherWithItsArgument) {
  SecretMask mask = learning();
  EXPECT_EQ(mask.client_said("AUTH " + plain_response), "AUTH …");
  EXPECT_EQ(mask.client_said(plain_response), "…");
  EXPECT_THAT(mask.server_said(504, plain_response), Not(HasSubstr(plain_response)));
}

TEST(SecretMask, LowerCaseAuthIsAuth) {
  SecretMask mask = learning();
  EXPECT_EQ(mask.client_said("auth plain " + plain_response), "AUTH plain …");
}

TEST(SecretMask, ShortSecretIsTakenOutAsAWordOnly) {
  SecretMask mask;
  mask.add("ok");
  EXPECT_EQ(mask.masked("token ok, booked"), "token …, booked");
}

TEST(SecretMask, SecretWithinAnotherDoesNotKeepTheLongerOneFromBeingFound) {
  SecretMask mask;
  mask.add("geheim");
  mask.add("geheimnis");
  EXPECT_EQ(mask.masked("geheimnis"), "…");
}

TEST(SecretMask, UserNameIsNoSecret) {
  SecretMask mask = learning();
  mask.client_said("AUTH PLAIN " + plain_response);
  EXPECT_EQ(mask.server_said(535, "jane@example.org may not"), "jane@example.org may not");
}

}  // namespace
}  // namespace postern::smtp
