#include "smtp/dkim_key.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/dkim/digest.h"
#include "tests/smtp/dkim/dkim_keys.h"

namespace postern::smtp::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string refusal(const std::string& pem) {
  try {
    DkimKey::from_pem(pem);
  } catch (const std::invalid_argument& fault) {
    return fault.what();
  }
  return "taken";
}

/// Whether the signature is one by the key over the digest, as OpenSSL's other half sees it.
bool verifies(EVP_PKEY* key, const EVP_MD* hash, std::string_view signed_octets,
              const std::string& signature) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(),
                          reinterpret_cast<const unsigned char*>(signed_octets.data()),
                          signed_octets.size()) == 1;
}

Sha256Digest digest_of(std::string_view text) {
  Sha256 hash;
  hash.write(text);
  return hash.finish();
}

TEST(DkimKey, RsaSignsTheDigestWithPkcs1) {
  const OpenSslKey pair = make_rsa_key(2048);
  const DkimKey key = DkimKey::from_pem(private_pem(pair));
  EXPECT_EQ(name(key.algorithm()), "rsa-sha256");
  const std::string signature = key.sign(digest_of("header"));
  EXPECT_EQ(signature.size(), 256U);
  EXPECT_TRUE(verifies(pair.get(), EVP_sha256(), "header", signature));
  EXPECT_FALSE(verifies(pair.get(), EVP_sha256(), "Header", signature));
}

TEST(DkimKey, Ed25519HasThePublicKeyOfRfc8463) {
  const DkimKey key = DkimKey::from_pem(rfc_8463_pem);
  EXPECT_EQ(name(key.algorithm()), "ed25519-sha256");
  EXPECT_EQ(key.dns_record(), "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
}

TEST(DkimKey, RecordOfRsaHoldsThePublicKeyAsPemHasIt) {
  const OpenSslKey pair = make_rsa_key(2048);
  std::string expected = public_pem(pair);
  expected.erase(0, expected.find('\n'));
  expected.erase(expected.find("-----END"));
  std::erase(expected, '\n');
  EXPECT_EQ(DkimKey::from_pem(private_pem(pair)).dns_record(), "v=DKIM1; k=rsa; p=" + expected);
}

TEST(DkimKey, RsaBelow2048BitsIsRefused) {
  EXPECT_EQ(refusal(private_pem(make_rsa_key(1024))),
            "the DKIM key has 1024 bits; an RSA key for DKIM needs 2048 or more");
  EXPECT_THAT(refusal(private_pem(make_rsa_key(2047))), HasSubstr("2047 bits"));
}

TEST(DkimKey, OtherKindsOfKeysAreRefused) {
  EXPECT_EQ(refusal(private_pem(make_elliptic_curve_key())),
            "the DKIM key is of type EC; DKIM signs with RSA or Ed25519");
}

TEST(DkimKey, PassphraseIsNotAskedForButRefused) {
  EXPECT_EQ(
      refusal(encrypted_pem(make_rsa_key(2048), "secret")),
      "the DKIM key is under a passphrase; store it without one, readable by its owner alone");
}

TEST(DkimKey, WhatIsNoPrivateKeyIsRefusedWithoutShowingIt) {
  EXPECT_EQ(refusal(""), "the DKIM key is no private key in PEM form");
  EXPECT_EQ(refusal(public_pem(make_rsa_key(2048))), "the DKIM key is no private key in PEM form");
  std::string damaged = rfc_8463_pem;
  damaged.replace(damaged.find("MC4C"), 4, "XXXX");
  EXPECT_EQ(refusal(damaged), "the DKIM key is no private key in PEM form");
  EXPECT_EQ(refusal(std::string(1'000'000, 'A')), "the DKIM key is too large for a key");
}

TEST(DkimKey, FileIsReadAndNamedInFaults) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "dkim\nkey.pem";
  const auto refused = [&] {
    try {
      DkimKey::from_file(path);
    } catch (const std::invalid_argument& fault) {
      return std::string(fault.what());
    }
    return std::string("taken");
  };
  std::filesystem::remove(path);
  EXPECT_THAT(refused(), AllOf(StartsWith("the DKIM key "), Not(HasSubstr("\n")),
                               HasSubstr("dkim?key.pem cannot be opened: No such file")));
  std::ofstream(path) << rfc_8463_pem;
  EXPECT_EQ(refused(), "taken");
  std::ofstream(path) << "nothing";
  EXPECT_THAT(refused(), HasSubstr("dkim?key.pem is no private key in PEM form"));
  std::filesystem::remove(path);
  EXPECT_THROW(DkimKey::from_file(testing::TempDir()), std::invalid_argument);
}

}  // namespace
}  // namespace postern::smtp::test
