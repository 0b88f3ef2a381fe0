// Signed and encrypted entities, as the openssl command reads them.
#include "smime/secured_entity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/error.h"
#include "tests/smime/keys.h"
#include "tests/smime/reader.h"

namespace postern::smime {
namespace {

using mapi::Content;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::string entity = "Content-Type: text/plain\r\n\r\nHello\r\n--\r\n. \r\n";

Identity identity_of(const Pair& pair) {
  const test::TemporaryDirectory directory;
  write_file(directory / "key.pem",
             pair.key_pem() + pair.certificate_pem() + authority().certificate_pem());
  return Identity::from_file(directory / "key.pem", {});
}

class SecuredEntity : public testing::Test {
 protected:
  std::string sign(const std::string& octets) {
    return octets_of(smime::sign(Content::from_text(octets), alice, directory.path()));
  }
  std::string encrypt(const std::string& octets, const std::vector<Pair>& recipients) {
    std::vector<Certificate> certificates;
    for (const auto& each : recipients) certificates.emplace_back(each.certificate);
    return octets_of(smime::encrypt(Content::from_text(octets), certificates, directory.path()));
  }

  test::TemporaryDirectory directory;
  OpensslReader openssl;
  Identity alice = identity_of(make_pair("alice@example.org"));
};

TEST_F(SecuredEntity, ClearSignedContentIsThereOctetForOctet) {
  const auto made = sign(entity);
  EXPECT_THAT(made, StartsWith("Content-Type: multipart/signed; "
                               "protocol=\"application/pkcs7-signature\";\r\n\tmicalg=sha-256; "));
  EXPECT_THAT(made, HasSubstr("\r\n" + entity + "\r\n--"));
  EXPECT_EQ(openssl.verified(made), entity);
  EXPECT_THAT(directory.names(), IsEmpty());
}

TEST_F(SecuredEntity, AnyChangeBreaksTheSignature) {
  auto changed = sign(entity);
  changed.replace(changed.find("Hello"), 5, "Hullo");
  EXPECT_EQ(openssl.verified(changed), std::nullopt);
}

TEST_F(SecuredEntity, RsaSignsAsWell) {
  alice = identity_of(make_pair("alice@example.org", {.algorithm = "RSA 2048"}));
  EXPECT_EQ(openssl.verified(sign(entity)), entity);
}

TEST_F(SecuredEntity, WhatARelayMayChangeIsSignedOpaquely) {
  const std::string head = "Content-Type: text/plain\r\n\r\n";
  for (const auto& body : {std::string("Gr\xC3\xBC\xC3\x9F\r\n"), std::string(999, 'x') + "\r\n",
                           std::string("bare\n"), std::string("bare\rreturn\r\n"),
                           std::string("ends with a\r"), std::string("a\0b\r\n", 5)}) {
    const auto made = sign(head + body);
    EXPECT_THAT(made, StartsWith("Content-Type: application/pkcs7-mime; smime-type=signed-data; "));
    EXPECT_EQ(openssl.verified(made), head + body);
  }
  for (const auto& body : {std::string(998, 'x') + "\r\n", std::string("no line end")}) {
    EXPECT_THAT(sign(head + body), StartsWith("Content-Type: multipart/signed;")) << body;
  }
}

TEST_F(SecuredEntity, EveryRecipientDecryptsAndNobodyElse) {
  const auto bob = make_pair("bob@example.org");
  const auto carol = make_pair("carol@example.org", {.algorithm = "RSA 2048"});
  const auto made = encrypt(entity, {bob, carol});
  EXPECT_THAT(made,
              StartsWith("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; "));
  EXPECT_EQ(made.find("Hello"), std::string::npos);
  EXPECT_EQ(openssl.decrypted(made, bob), entity);
  EXPECT_EQ(openssl.decrypted(made, carol), entity);
  EXPECT_EQ(openssl.decrypted(made, make_pair("eve@example.org")), std::nullopt);
  EXPECT_EQ(openssl.recipient_infos(made), 2U);
  EXPECT_THAT(directory.names(), IsEmpty());
}

TEST_F(SecuredEntity, SignedContentIsEncryptedWhole) {
  const auto bob = make_pair("bob@example.org");
  for (const std::size_t size : {0U, 1U, 57U, 65'535U, 65'536U, 200'000U}) {
    std::string octets = "Content-Type: text/plain\r\n\r\n";
    while (octets.size() < size) octets += std::string(76, 'x') + "\r\n";
    const auto signed_octets = sign(octets);
    const auto received = openssl.decrypted(encrypt(signed_octets, {bob}), bob);
    ASSERT_TRUE(received);
    EXPECT_TRUE(*received == signed_octets) << size;
    EXPECT_TRUE(openssl.verified(*received) == octets) << size;
  }
}

TEST_F(SecuredEntity, EncryptingTwiceGivesNothingInCommon) {
  const auto bob = make_pair("bob@example.org");
  EXPECT_NE(encrypt(entity, {bob}), encrypt(entity, {bob}));
}

TEST_F(SecuredEntity, ACertificateThatCannotBeEncryptedForIsSaid) {
  const auto edwards = make_pair("bob@example.org", {.algorithm = "ED25519"});
  EXPECT_THROW(encrypt(entity, {edwards}), mapi::Failure);
}

TEST_F(SecuredEntity, ADirectoryThatIsNotThereIsNamed) {
  const auto bob = Certificate(make_pair("bob@example.org").certificate);
  try {
    smime::encrypt(Content::from_text(entity), std::span(&bob, 1), directory / "missing");
    ADD_FAILURE();
  } catch (const mapi::Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr((directory / "missing").string()));
  }
}

}  // namespace
}  // namespace postern::smime
