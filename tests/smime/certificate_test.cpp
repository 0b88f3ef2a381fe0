// Whose certificate it is, and what it may be used for.
#include "smime/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/error.h"
#include "smime/key_directory.h"
#include "tests/smime/keys.h"
#include "tests/temporary_directory.h"

namespace postern::smime {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using enum CertificateUse;

std::string fault(const CertificateKind& kind, CertificateUse use,
                  const std::string& address = "bob@example.org",
                  const std::string& asked = "bob@example.org") {
  const Certificate certificate(make_pair(address, kind).certificate);
  return certificate.fault(use, asked, std::chrono::system_clock::now()).value_or("none");
}

TEST(CertificateUsage, IsWhatTheCertificateAllows) {
  struct Case {
    const char* usage;
    const char* extended_usage;
    const char* to_sign;
    const char* to_encrypt;
  };
  constexpr std::array cases{
      Case{"", "", "none", "none"},
      Case{"", "emailProtection,clientAuth", "none", "none"},
      Case{"", "anyExtendedKeyUsage", "none", "none"},
      Case{"", "serverAuth", "lacks emailProtection", "lacks emailProtection"},
      Case{"digitalSignature", "", "none", "lacks keyEncipherment"},
      Case{"nonRepudiation", "emailProtection", "none", "lacks keyEncipherment"},
      Case{"keyEncipherment", "emailProtection", "lacks digitalSignature", "none"},
      Case{"keyAgreement", "emailProtection", "lacks digitalSignature", "none"},
  };
  for (const auto& [usage, extended_usage, to_sign, to_encrypt] : cases) {
    const CertificateKind kind{.usage = usage, .extended_usage = extended_usage};
    EXPECT_THAT(fault(kind, signing), HasSubstr(to_sign)) << usage << ' ' << extended_usage;
    EXPECT_THAT(fault(kind, encryption), HasSubstr(to_encrypt)) << usage << ' ' << extended_usage;
  }
}

TEST(CertificateUsage, EndsWithItsTime) {
  EXPECT_THAT(fault({.begin = hours{-48}, .end = hours{-1}}, signing), HasSubstr("expired on 20"));
  EXPECT_THAT(fault({.begin = hours{1}}, encryption), HasSubstr("is not valid before 20"));
}

TEST(CertificateUsage, IsForTheAddressesItNames) {
  EXPECT_EQ(fault({}, signing, "Bob@Example.ORG", "bob@example.org"), "none");
  EXPECT_THAT(fault({}, signing, "eve@example.org"),
              HasSubstr("names 'eve@example.org' and not 'bob@example.org'"));
  EXPECT_THAT(fault({}, signing, ""), HasSubstr("names nobody"));
}

TEST(CertificateFile, HoldsAnyNumberOfCertificates) {
  const test::TemporaryDirectory directory;
  const auto path = directory / "bob.pem";
  write_file(path, "Bob's\n" + make_pair("old@example.org").certificate_pem() +
                       make_pair("bob@example.org").certificate_pem());
  const auto both = Certificate::from_file(path);
  ASSERT_THAT(both, SizeIs(2));
  EXPECT_THAT(both[1].addresses(), testing::ElementsAre("bob@example.org"));
  write_file(path, "no certificate");
  try {
    Certificate::from_file(path);
    ADD_FAILURE();
  } catch (const mapi::Failure& failure) {
    EXPECT_EQ(failure.code(), mapi::MAPI_E_CORRUPT_DATA);
    EXPECT_THAT(failure.what(), HasSubstr(path.string()));
  }
}

TEST(KeyDirectory, FilesAreNamedByTheAddress) {
  EXPECT_EQ(file_stem("Bob.Smith+list@Example.ORG"), "bob.smith+list@example.org");
  EXPECT_EQ(file_stem("a@b\xC3\xBC"
                      "cher.example"),
            "a@xn--bcher-kva.example");
  EXPECT_EQ(file_stem("../../etc/passwd@example.org"), "%2E.%2F..%2Fetc%2Fpasswd@example.org");
  EXPECT_EQ(file_stem("%2f@example.org"), "%252f@example.org");
  EXPECT_THAT(file_stem("../secret"), IsEmpty());
}

TEST(KeyDirectory, WhatIsPutThereCountsFromThenOn) {
  const test::TemporaryDirectory directory;
  const CertificateDirectory certificates(directory.path());
  const IdentityDirectory identities(directory.path(), "secret");
  EXPECT_THAT(certificates.certificates("bob@example.org"), IsEmpty());
  EXPECT_FALSE(identities.identity("bob@example.org"));
  const auto bob = make_pair("bob@example.org");
  write_file(directory / "bob@example.org.pem", bob.certificate_pem() + bob.key_pem());
  EXPECT_THAT(certificates.certificates("BOB@example.org"), SizeIs(1));
  EXPECT_TRUE(identities.identity("Bob@example.org"));
  const auto newer = make_pair("newer@example.org");
  write_file(directory / "bob@example.org.p12", newer.pkcs12("secret"));
  EXPECT_THAT(identities.identity("bob@example.org")->certificate().addresses(),
              testing::ElementsAre("newer@example.org"));
}

}  // namespace
}  // namespace postern::smime
