// Keys with their certificates, from files good and bad.
#include "smime/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/error.h"
#include "tests/smime/keys.h"
#include "tests/temporary_directory.h"

namespace postern::smime {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* key_passphrase = "Sesame 123";

class IdentityTest : public testing::Test {
 protected:
  Identity read(std::string_view octets, std::string_view given = {}) {
    write_file(path, octets);
    return Identity::from_file(path, given);
  }
  /// The sentence about a file that is refused.
  std::string refusal(std::string_view octets, std::string_view given = {}) {
    try {
      read(octets, given);
      return "it was taken";
    } catch (const mapi::Failure& failure) {
      EXPECT_EQ(failure.code(), mapi::MAPI_E_UNCONFIGURED);
      EXPECT_THAT(failure.what(), HasSubstr("'" + path.string() + "'"));
      EXPECT_TRUE(given.empty() || std::string(failure.what()).find(given) == std::string::npos);
      return failure.what();
    }
  }

  test::TemporaryDirectory directory;
  std::filesystem::path path = directory / "identity";
  Pair alice = make_pair("alice@example.org");
  std::string chain = authority().certificate_pem();
};

TEST_F(IdentityTest, PemIsReadInAnyOrder) {
  for (const auto& octets : {alice.key_pem() + alice.certificate_pem() + chain,
                             chain + alice.certificate_pem() + alice.key_pem(),
                             alice.certificate_pem() + alice.key_pem() + chain}) {
    const auto identity = read(octets);
    EXPECT_THAT(identity.certificate().addresses(), testing::ElementsAre("alice@example.org"));
    EXPECT_THAT(identity.chain(), SizeIs(1));
  }
}

TEST_F(IdentityTest, KeysUnderAPassphraseAreReadWithIt) {
  EXPECT_THAT(read(alice.key_pem(key_passphrase) + alice.certificate_pem(), key_passphrase).chain(),
              SizeIs(0));
  EXPECT_THAT(read(alice.pkcs12(key_passphrase), key_passphrase).chain(), SizeIs(1));
  EXPECT_THAT(read(alice.pkcs12(""), "").chain(), SizeIs(1));
}

TEST_F(IdentityTest, APassphraseThatDoesNotFitIsSaidAndNotShown) {
  for (const auto& octets :
       {alice.key_pem(key_passphrase) + alice.certificate_pem(), alice.pkcs12(key_passphrase)}) {
    EXPECT_THAT(refusal(octets, "Sesame 124"), HasSubstr("cannot be opened with the passphrase"));
    EXPECT_THAT(refusal(octets), HasSubstr("is under a passphrase, and none was given"));
  }
}

TEST_F(IdentityTest, WhatCannotSignIsRefusedInWords) {
  const auto other = make_pair("other@example.org");
  const auto weak = make_pair("alice@example.org", {.algorithm = "RSA 1024"});
  const auto edwards = make_pair("alice@example.org", {.algorithm = "ED25519"});
  EXPECT_THAT(refusal(""), HasSubstr("no private key"));
  EXPECT_THAT(refusal("garbage"), HasSubstr("no private key"));
  EXPECT_THAT(refusal(alice.certificate_pem()), HasSubstr("no private key"));
  EXPECT_THAT(refusal(alice.key_pem()), HasSubstr("no certificate"));
  EXPECT_THAT(refusal(alice.key_pem() + other.certificate_pem() + chain),
              HasSubstr("no certificate that belongs to it"));
  EXPECT_THAT(refusal(weak.key_pem() + weak.certificate_pem()), HasSubstr("1024 bits"));
  EXPECT_THAT(refusal(edwards.key_pem() + edwards.certificate_pem()), HasSubstr("ED25519"));
}

TEST_F(IdentityTest, AFileThatEverybodyMayReadIsRefused) {
  write_file(path, alice.key_pem() + alice.certificate_pem(),
             std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  try {
    Identity::from_file(path, {});
    ADD_FAILURE();
  } catch (const mapi::Failure& failure) {
    EXPECT_EQ(failure.code(), mapi::MAPI_E_NO_ACCESS);
    EXPECT_THAT(failure.what(), HasSubstr("chmod o-rwx"));
  }
}

TEST_F(IdentityTest, AMissingFileIsNotFound) {
  try {
    Identity::from_file(directory / "missing", {});
    ADD_FAILURE();
  } catch (const mapi::Failure& failure) {
    EXPECT_EQ(failure.code(), mapi::MAPI_E_NOT_FOUND);
  }
}

}  // namespace
}  // namespace postern::smime
