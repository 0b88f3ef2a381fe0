// The preprocessor: what is sent, to whom, and that it leaves no trace.
#include "smime/preprocessor.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "mime/compose.h"
#include "tests/smime/keys.h"
#include "tests/smime/reader.h"

namespace postern::smime {
namespace {

using mapi::make_recipient;
using mapi::RecipientType;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::int32_t to_sign = mapi::SECFLAG_SIGNED;
constexpr std::int32_t to_encrypt = mapi::SECFLAG_ENCRYPTED;
constexpr const char* german =
    "Gr\xC3\xBC\xC3\x9F"
    "e aus K\xC3\xB6ln";

/// 50 MiB, say, that are nowhere.
class Endless final : public mapi::ContentSource {
 public:
  explicit Endless(std::uint64_t size) : size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<Reader>(size_);
  }

 private:
  class Reader final : public mapi::ContentReader {
   public:
    explicit Reader(std::uint64_t left) : left_(left) {}
    std::size_t read(std::span<std::byte> into) override {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
      for (auto& octet : into.first(count)) octet = static_cast<std::byte>(left_-- * 2654435761U);
      return count;
    }

   private:
    std::uint64_t left_;
  };
  std::uint64_t size_;
};

mapi::Content endless(std::uint64_t size) {
  return mapi::Content(std::make_shared<Endless>(size));
}

/// The memory the process has needed at most, in octets.
std::uint64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) << 10U;
  }
  return 0;
}

mapi::Message message_from_alice(std::int32_t flags) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, german);
  message.set(mapi::PR_BODY, std::string(german) + "\r\nFrom here\r\n");
  message.set(mapi::PR_INTERNET_MESSAGE_ID, "<1@example.org>");
  message.set(mapi::PR_SECURITY_FLAGS, flags);
  mapi::set_address(message, mapi::sender_group, "alice@example.org", "Alice");
  message.recipients.push_back(make_recipient(RecipientType::to, "bob@example.org", "Bob"));
  return message;
}

/// Same properties, recipients and attachments, in the same order.
void expect_same(const mapi::Message& left, const mapi::Message& right) {
  EXPECT_EQ(static_cast<const mapi::PropertyBag&>(left), right);
  EXPECT_EQ(left.recipients, right.recipients);
  ASSERT_EQ(left.attachments.size(), right.attachments.size());
  for (std::size_t i = 0; i < left.attachments.size(); ++i) {
    EXPECT_EQ(static_cast<const mapi::PropertyBag&>(left.attachments[i]), right.attachments[i]);
    EXPECT_TRUE(has_same_content(left.attachments[i], right.attachments[i]));
  }
}

class PreprocessorTest : public testing::Test {
 protected:
  PreprocessorTest() {
    write_identity("alice@example.org", alice);
    for (const auto& [address, pair] : {std::pair{"bob@example.org", &bob},
                                        {"carol@example.org", &carol},
                                        {"dave@example.org", &dave}}) {
      write_file(certificates / (std::string(address) + ".pem"), pair->certificate_pem());
    }
    SmimeOptions options;
    options.identities = std::make_shared<IdentityDirectory>(identities.path());
    options.certificates = std::make_shared<CertificateDirectory>(certificates.path());
    options.temporary_directory = temporary.path();
    preprocessor = make_preprocessor(std::move(options));
  }

  void write_identity(const std::string& address, const Pair& pair) const {
    write_file(identities / (address + ".pem"), pair.key_pem() + pair.certificate_pem());
  }

  static std::string composed(const mapi::Message& message, std::int32_t entity = 0) {
    mime::ComposeOptions options;
    options.secured_entity = entity;
    return octets_of(mime::compose(message, options).content());
  }
  /// What the message is without any security.
  static std::vector<std::string> original_leaves(mapi::Message message) {
    message.erase(mapi::PR_SECURITY_FLAGS);
    return leaves_of(composed(message));
  }

  test::TemporaryDirectory identities;
  test::TemporaryDirectory certificates;
  test::TemporaryDirectory temporary;
  Pair alice = make_pair("alice@example.org");
  Pair bob = make_pair("bob@example.org");
  Pair carol = make_pair("carol@example.org", {.algorithm = "RSA 2048"});
  Pair dave = make_pair("dave@example.org");
  OpensslReader openssl;
  mapi::Preprocessor preprocessor;
};

TEST_F(PreprocessorTest, IsNeededByWhatAsksForIt) {
  EXPECT_TRUE(preprocessor.is_needed(message_from_alice(to_sign)));
  EXPECT_TRUE(preprocessor.is_needed(message_from_alice(mapi::SECFLAG_ENCRYPTED)));
  EXPECT_FALSE(preprocessor.is_needed(message_from_alice(0)));
}

TEST_F(PreprocessorTest, ASignedMessageKeepsItsHeadersAndContent) {
  auto message = message_from_alice(to_sign);
  message.attachments.push_back(mapi::make_attachment(
      "data.bin", mapi::Content::from_text(std::string("\0\xFF\r\n.\r\n", 7))));
  message.attachments.push_back(mapi::make_attachment(message_from_alice(0)));
  const auto original = message;
  EXPECT_THAT(preprocessor.preprocess(message).undeliverable, IsEmpty());
  const auto octets = composed(message);
  const auto plain = composed(original);
  for (const auto* field :
       {"\r\nFrom: Alice <alice@example.org>\r\n", "\r\nTo: Bob <bob@example.org>\r\n",
        "\r\nMessage-ID: <1@example.org>\r\n", "\r\nSubject: =?"}) {
    EXPECT_THAT(octets, HasSubstr(field));
    EXPECT_THAT(plain, HasSubstr(field));
  }
  const auto verified = openssl.verified(octets);
  ASSERT_TRUE(verified);
  auto expected = original_leaves(original);
  EXPECT_EQ(leaves_of(*verified), expected);
  auto found = leaves_of(octets);
  EXPECT_THAT(found.back(), StartsWith("application/pkcs7-signature smime.p7s "));
  found.pop_back();
  EXPECT_EQ(found, expected);
}

TEST_F(PreprocessorTest, AllKindsOfContentAreSignedSoThatTheyVerify) {
  std::vector<mapi::Message> messages(5, message_from_alice(to_sign));
  messages[0].set(mapi::PR_BODY, std::string(5000, 'x') + " \r\n\t\r\n.\r\n--\r\n");
  const std::string html = std::string("<html><body><b>") + german + "</b></body></html>";
  messages[1].set(mapi::PR_HTML, mapi::Content::from_text(html).read_all());
  messages[1].set(mapi::PR_INTERNET_CPID, 65001);
  messages[2].erase(mapi::PR_BODY);
  const std::string rtf =
      "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 {\\*\\htmltag64 <p>}Gr\\'fc\\'dfe{\\*\\htmltag72 "
      "</p>}}";
  std::string mela(16, '\0');
  mela.replace(8, 4, "MELA");
  mela[0] = static_cast<char>(rtf.size() + 12);
  mela[4] = static_cast<char>(rtf.size());
  messages[2].set(mapi::PR_RTF_COMPRESSED, mapi::Content::from_text(mela + rtf).read_all());
  messages[3].erase(mapi::PR_BODY);
  // A signed message inside, with 8-bit octets that nobody may re-encode.
  auto inner = message_from_alice(0);
  inner.set(mapi::PR_MESSAGE_CLASS, "IPM.Note.SMIME.MultipartSigned");
  inner.attachments.push_back(mapi::make_attachment(
      "smime.p7m",
      mapi::Content::from_text("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n"
                               "Content-Type: text/plain; charset=utf-8\r\n"
                               "Content-Transfer-Encoding: 8bit\r\n\r\n\xC3\xA9\r\n--b--\r\n")));
  messages[4].attachments.push_back(mapi::make_attachment(inner));
  for (auto& message : messages) {
    const auto expected = original_leaves(message);
    EXPECT_THAT(preprocessor.preprocess(message).undeliverable, IsEmpty());
    const auto plan = mime::compose(message, {});
    EXPECT_FALSE(plan.has_8bit());
    const auto verified = openssl.verified(octets_of(plan.content()));
    ASSERT_TRUE(verified);
    EXPECT_EQ(leaves_of(*verified), expected);
  }
}

TEST_F(PreprocessorTest, AnEncryptedMessageIsReadByItsRecipientsAndItsSender) {
  auto message = message_from_alice(to_sign | to_encrypt);
  message.recipients.push_back(make_recipient(RecipientType::cc, "Carol@Example.org"));
  const auto expected = original_leaves(message);
  EXPECT_THAT(preprocessor.preprocess(message).undeliverable, IsEmpty());
  const auto octets = composed(message);
  EXPECT_THAT(octets, HasSubstr("\r\nSubject: =?"));
  EXPECT_EQ(openssl.recipient_infos(octets), 3U);
  for (const auto* reader : {&bob, &carol, &alice}) {
    const auto inner = openssl.decrypted(octets, *reader);
    ASSERT_TRUE(inner);
    const auto verified = openssl.verified(*inner);
    ASSERT_TRUE(verified);
    EXPECT_EQ(leaves_of(*verified), expected);
  }
}

TEST_F(PreprocessorTest, WithoutASignatureOnlyTheContentIsEncrypted) {
  auto message = message_from_alice(to_encrypt);
  const auto expected = original_leaves(message);
  std::filesystem::remove(identities / "alice@example.org.pem");
  preprocessor.preprocess(message);
  const auto inner = openssl.decrypted(composed(message), bob);
  ASSERT_TRUE(inner);
  EXPECT_EQ(leaves_of(*inner), expected);
}

TEST_F(PreprocessorTest, WhoHasNoUsableCertificateGetsNothingAndIsReported) {
  struct Case {
    const char* address;
    const char* why;
  };
  constexpr std::array cases{
      Case{"nobody@example.org", "there is no certificate of 'nobody@example.org'"},
      Case{"late@example.org", "the certificate of 'late@example.org' expired on"},
      Case{"server@example.org", "lacks emailProtection"},
      Case{"other@example.org", "names 'another@example.org' and not 'other@example.org'"},
      Case{"garbage@example.org", "what is kept as the certificate of 'garbage@example.org'"},
  };
  write_file(
      certificates / "late@example.org.pem",
      make_pair("late@example.org", {.begin = hours{-48}, .end = hours{-24}}).certificate_pem());
  write_file(certificates / "server@example.org.pem",
             make_pair("server@example.org", {.extended_usage = "serverAuth"}).certificate_pem());
  write_file(certificates / "other@example.org.pem",
             make_pair("another@example.org").certificate_pem());
  write_file(certificates / "garbage@example.org.pem", "garbage");
  auto message = message_from_alice(to_encrypt);
  for (const auto& each : cases) {
    message.recipients.push_back(make_recipient(RecipientType::to, each.address));
  }
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    message.recipients[i].set(mapi::PR_ROWID, static_cast<std::int32_t>(i));
  }
  const auto result = preprocessor.preprocess(message);
  ASSERT_THAT(result.undeliverable, SizeIs(cases.size()));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& row = result.undeliverable[i];
    EXPECT_EQ(mapi::smtp_address(row, mapi::recipient_group), cases[i].address);
    EXPECT_EQ(row.get(mapi::PR_ROWID), static_cast<std::int32_t>(i + 1));
    EXPECT_EQ(row.get(mapi::PR_NDR_STATUS_CODE), 575);
    EXPECT_EQ(row.get(mapi::PR_NDR_DIAG_CODE), 46);  // MAPI_DIAG_SECURE_MESSAGING_ERROR
    EXPECT_EQ(row.get(mapi::PR_NDR_REASON_CODE), 0);
    EXPECT_THAT(std::string(row.get_or(mapi::PR_REPORT_TEXT, "")), HasSubstr(cases[i].why));
    EXPECT_EQ(mapi::outcome(row)->verdict, Verdict::failed);
  }
  const auto octets = composed(message);
  EXPECT_EQ(openssl.recipient_infos(octets), 2U);  // Bob and the sender
  EXPECT_TRUE(openssl.decrypted(octets, bob));
}

TEST_F(PreprocessorTest, OneOfSeveralCertificatesIsEnough) {
  const auto expired = make_pair("bob@example.org", {.begin = hours{-48}, .end = hours{-24}});
  write_file(certificates / "bob@example.org.pem",
             expired.certificate_pem() + bob.certificate_pem());
  auto message = message_from_alice(to_encrypt);
  EXPECT_THAT(preprocessor.preprocess(message).undeliverable, IsEmpty());
  EXPECT_TRUE(openssl.decrypted(composed(message), bob));
}

TEST_F(PreprocessorTest, ARecipientWithoutAnSmtpAddressGetsNothing) {
  auto message = message_from_alice(to_encrypt);
  message.recipients.push_back(make_recipient(RecipientType::to, "no address"));
  EXPECT_THAT(preprocessor.preprocess(message).undeliverable, SizeIs(1));
}

TEST_F(PreprocessorTest, BccRecipientsHaveAnEnvelopeOfTheirOwn) {
  auto message = message_from_alice(to_encrypt);
  message.recipients.push_back(make_recipient(RecipientType::bcc, "carol@example.org"));
  message.recipients.push_back(make_recipient(RecipientType::bcc, "dave@example.org"));
  message.recipients.push_back(make_recipient(RecipientType::bcc, "BOB@example.org"));
  EXPECT_THAT(preprocessor.preprocess(message).undeliverable, IsEmpty());
  const auto number = [&message](std::size_t row) {
    return message.recipients[row].get_or(mapi::PR_POSTERN_SECURED_ENTITY, 0);
  };
  EXPECT_THAT((std::vector{number(0), number(1), number(2), number(3)}), ElementsAre(0, 1, 2, 0));
  const std::array readers{&bob, &carol, &dave};
  for (std::int32_t entity = 0; entity < 3; ++entity) {
    const auto octets = composed(message, entity);
    EXPECT_THAT(octets, Not(HasSubstr("carol")));
    EXPECT_THAT(octets, Not(HasSubstr("Bcc")));
    EXPECT_EQ(openssl.recipient_infos(octets), entity == 0 ? 3U : 2U) << entity;  // with the sender
    for (std::size_t reader = 0; reader < readers.size(); ++reader) {
      EXPECT_EQ(openssl.decrypted(octets, *readers[reader]).has_value(),
                reader == static_cast<std::size_t>(entity))
          << entity << ' ' << reader;
    }
  }
}

TEST_F(PreprocessorTest, AMessageWithOnlyBccRecipientsHasNoCommonEnvelope) {
  auto message = message_from_alice(to_encrypt);
  message.recipients = {make_recipient(RecipientType::bcc, "carol@example.org")};
  preprocessor.preprocess(message);
  ASSERT_THAT(message.attachments, SizeIs(1));
  EXPECT_TRUE(openssl.decrypted(composed(message, 1), carol));
  EXPECT_THROW(composed(message, 0), mapi::Failure);
}

TEST_F(PreprocessorTest, RowsThatAreDoneAreLeftOut) {
  auto message = message_from_alice(to_encrypt);
  message.recipients.push_back(make_recipient(RecipientType::to, "nobody@example.org"));
  message.recipients.back().set(mapi::PR_RESPONSIBILITY, true);
  EXPECT_THAT(preprocessor.preprocess(message).undeliverable, IsEmpty());
  EXPECT_EQ(openssl.recipient_infos(composed(message)), 2U);
}

TEST_F(PreprocessorTest, RemovingGivesTheMessageAsItWasSubmitted) {
  auto message = message_from_alice(to_sign | to_encrypt);
  message.attachments.push_back(
      mapi::make_attachment("a.txt", mapi::Content::from_text("attached")));
  message.recipients.push_back(make_recipient(RecipientType::bcc, "carol@example.org"));
  const auto original = message;
  preprocessor.remove_info(message);
  expect_same(message, original);
  preprocessor.preprocess(message);
  EXPECT_THAT(message.attachments, SizeIs(3));
  preprocessor.preprocess(message);
  EXPECT_THAT(message.attachments, SizeIs(3));
  preprocessor.remove_info(message);
  expect_same(message, original);
  preprocessor.remove_info(message);
  expect_same(message, original);
}

TEST_F(PreprocessorTest, AMessageThatAsksForNothingIsLeftAlone) {
  auto message = message_from_alice(0);
  const auto original = message;
  const auto result = preprocessor.preprocess(message);
  EXPECT_THAT(result.undeliverable, IsEmpty());
  EXPECT_THAT(result.further_messages, IsEmpty());
  expect_same(message, original);
}

TEST_F(PreprocessorTest, WithoutAnIdentityNothingIsSent) {
  std::filesystem::remove(identities / "alice@example.org.pem");
  auto message = message_from_alice(to_sign);
  const auto result = preprocessor.preprocess(message);
  ASSERT_THAT(result.undeliverable, SizeIs(1));
  EXPECT_THAT(std::string(result.undeliverable.front().get_or(mapi::PR_REPORT_TEXT, "")),
              HasSubstr("no key and certificate of 'alice@example.org'"));
  EXPECT_THAT(message.attachments, IsEmpty());
}

TEST_F(PreprocessorTest, AnIdentityThatCannotBeUsedIsTheOperatorsMatter) {
  const auto file = identities / "alice@example.org.pem";
  struct Case {
    Pair pair;
    const char* why;
  };
  const std::array cases{
      Case{make_pair("alice@example.org", {.begin = hours{-48}, .end = hours{-24}}), "expired on"},
      Case{make_pair("eve@example.org"), "and not 'alice@example.org'"},
      Case{make_pair("alice@example.org", {.extended_usage = "serverAuth"}), "emailProtection"},
  };
  for (const auto& [pair, why] : cases) {
    write_identity("alice@example.org", pair);
    auto message = message_from_alice(to_sign);
    try {
      preprocessor.preprocess(message);
      ADD_FAILURE() << why;
    } catch (const mapi::Failure& failure) {
      EXPECT_EQ(failure.code(), mapi::MAPI_E_UNCONFIGURED);
      EXPECT_THAT(failure.what(), HasSubstr(file.string()));
      EXPECT_THAT(failure.what(), HasSubstr(why));
    }
  }
}

TEST_F(PreprocessorTest, WhatItsOwnClientHasSignedIsNotSignedAgain) {
  auto signed_before = message_from_alice(to_sign);
  preprocessor.preprocess(signed_before);
  auto message = message_from_alice(to_sign);
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note.SMIME.MultipartSigned");
  message.attachments = {
      mapi::make_attachment("smime.p7m", signed_before.attachments.front().data)};
  const auto original = message;
  preprocessor.preprocess(message);
  expect_same(message, original);
  message.set(mapi::PR_SECURITY_FLAGS, to_sign | to_encrypt);
  preprocessor.preprocess(message);
  const auto inner = openssl.decrypted(composed(message), bob);
  ASSERT_TRUE(inner);
  EXPECT_TRUE(openssl.verified(*inner));
}

TEST_F(PreprocessorTest, AMessageWithoutASenderIsReportedAtOnce) {
  mapi::Message message;
  message.set(mapi::PR_SECURITY_FLAGS, to_sign);
  message.recipients.push_back(make_recipient(RecipientType::to, "bob@example.org"));
  const auto result = preprocessor.preprocess(message);
  ASSERT_THAT(result.undeliverable, SizeIs(1));
  EXPECT_EQ(result.undeliverable.front().get(mapi::PR_NDR_STATUS_CODE), 560);
}

#ifdef POSTERN_ADDRESS_SANITIZER
constexpr std::uint64_t large_size = 2U << 20U;  // it counts its own memory, and takes its time
#else
constexpr std::uint64_t large_size = 50U << 20U;
#endif

TEST_F(PreprocessorTest, LargeContentCostsNoMemory) {
  auto message = message_from_alice(to_sign | to_encrypt);
  message.attachments.push_back(mapi::make_attachment("big.bin", endless(large_size)));
  [[maybe_unused]] const auto before = peak_memory();
  preprocessor.preprocess(message);
  const auto file = temporary / "message";
  write_file(file, mime::compose(message, {}).content());
#ifndef POSTERN_ADDRESS_SANITIZER
  EXPECT_LT(peak_memory() - before, 4U << 20U);
#endif
  EXPECT_THAT(temporary.names(), ElementsAre("message"));
  ASSERT_TRUE(openssl.decrypt_file(file, bob, temporary / "decrypted"));
  ASSERT_TRUE(openssl.verify_file(temporary / "decrypted", temporary / "verified"));
  EXPECT_THAT(leaves(temporary / "verified"),
              Contains("application/octet-stream big.bin " + sha256(endless(large_size))));
}

TEST(LacksSecurity, ComparesWhatIsAskedWithWhatIsSent) {
  struct Case {
    std::int32_t flags;
    const char* content_type;
    bool lacks;
  };
  constexpr std::array cases{
      Case{0, "text/plain", false},
      Case{to_sign, "text/plain; smime-type=enveloped-data", true},
      Case{to_sign, "Multipart/Signed; protocol=x", false},
      Case{to_sign, "application/pkcs7-mime; smime-type=signed-data", false},
      Case{to_sign, "application/pkcs7-mime; smime-type=enveloped-data", false},
      Case{to_encrypt, "multipart/signed", true},
      Case{to_encrypt, "application/pkcs7-mime; smime-type=\"Signed-Data\"; name=x", true},
      Case{to_encrypt, "application/pkcs7-mime; smime-type=compressed-data", true},
      Case{to_encrypt, "application/x-pkcs7-mime", false},
      Case{to_sign | to_encrypt, "application/pkcs7-mime; smime-type=enveloped-data", false},
      Case{to_sign | to_encrypt, "multipart/encrypted; protocol=x", false},
  };
  for (const auto& [flags, content_type, lacks] : cases) {
    EXPECT_EQ(lacks_security(message_from_alice(flags), content_type).has_value(), lacks)
        << flags << ' ' << content_type;
  }
}

}  // namespace
}  // namespace postern::smime
