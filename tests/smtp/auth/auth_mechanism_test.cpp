#include "smtp/auth/auth_mechanism.h"

#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr CredentialKinds password{true, false, false};
constexpr CredentialKinds token{false, true, false};
constexpr CredentialKinds certificate{false, false, true};

bool has_scram() {
  return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_GSASL) != 0;
}

TEST(AuthMechanism, PasswordGoesByPlainOrLoginAndElseByAChallenge) {
  const auto sets = mechanism_sets({}, password);
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_THAT(sets[0], ElementsAre("PLAIN", "LOGIN"));
  EXPECT_THAT(sets[1], Contains("CRAM-MD5"));
  EXPECT_THAT(sets[1], Contains("DIGEST-MD5"));
}

TEST(AuthMechanism, TokenAndCertificateHaveTheirOwn) {
  EXPECT_THAT(mechanism_sets({}, token), ElementsAre(ElementsAre("OAUTHBEARER", "XOAUTH2")));
  EXPECT_THAT(mechanism_sets({}, certificate), ElementsAre(ElementsAre("EXTERNAL")));
}

TEST(AuthMechanism, OnlyWhatIsAllowedIsUsed) {
  EXPECT_THAT(mechanism_sets({"cram-md5", "XOAUTH2"}, password),
              ElementsAre(ElementsAre("CRAM-MD5")));
  EXPECT_THAT(mechanism_sets({"PLAIN"}, token), IsEmpty());
  EXPECT_THAT(mechanism_sets({"GSSAPI"}, certificate), ElementsAre(ElementsAre("GSSAPI")));
}

TEST(AuthMechanism, UnknownNamesAndMissingFeaturesAreSaid) {
  EXPECT_FALSE(mechanism_fault("plain"));
  EXPECT_THAT(mechanism_fault("NTLM").value_or(""), HasSubstr("\"NTLM\" is no AUTH mechanism"));
  EXPECT_THAT(mechanism_fault("A\r\nB").value_or(""), Not(HasSubstr("\n")));
  EXPECT_EQ(mechanism_fault("SCRAM-SHA-256").has_value(), !has_scram());
}

}  // namespace
}  // namespace postern::smtp
