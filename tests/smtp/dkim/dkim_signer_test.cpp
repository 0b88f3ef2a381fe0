#include "smtp/dkim_signer.h"

#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "smtp/dkim/message.h"
#include "tests/smtp/dkim/dkim_keys.h"
#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {
namespace {

using testing::ElementsAre;
using testing::Key;
using testing::StartsWith;

const std::chrono::system_clock::time_point noon{std::chrono::seconds(1'750'000'000)};

DkimSettings settings() {
  return {"example.org", "sel", DkimKey::from_pem(rfc_8463_pem)};
}

/// As a verifier reads a signature: tags to values, white space taken out.
using Tags = std::map<std::string, std::string>;
Tags tags(std::string field) {
  EXPECT_TRUE(field.starts_with("DKIM-Signature: "));
  field.erase(0, field.find(':') + 1);
  std::erase_if(field, [](char c) { return c == ' ' || c == '\r' || c == '\n'; });
  Tags found;
  std::istringstream tags(field);
  for (std::string tag; std::getline(tags, tag, ';');) {
    const std::size_t equals = std::min(tag.find('='), tag.size());
    EXPECT_LT(equals, tag.size()) << "no tag: " << tag;
    EXPECT_TRUE(found.emplace(tag.substr(0, equals), tag.substr(equals + 1)).second)
        << "twice: " << tag;
  }
  return found;
}

Tags sign(const DkimSettings& how, const std::string& message) {
  return tags(DkimSigner({how}).sign(TextSource(message), noon).signatures());
}

std::string content(const OctetSource& source, std::size_t block_size = 4096) {
  std::string all;
  std::vector<std::byte> block(block_size);
  const auto reader = source.open();
  while (const std::size_t count = reader->read(block)) {
    all.append(reinterpret_cast<const char*>(block.data()), count);
  }
  return all;
}

/// Counts how often it is read.
class CountingSource final : public OctetSource {
 public:
  explicit CountingSource(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::uint64_t size() const override { return text_.size(); }
  [[nodiscard]] bool has_8bit() const override { return true; }
  [[nodiscard]] bool needs_smtputf8() const override { return true; }
  [[nodiscard]] std::unique_ptr<OctetReader> open() const override {
    ++opened;
    return text_.open();
  }
  mutable int opened = 0;

 private:
  TextSource text_;
};

// The message of RFC 8463 appendix A and what is said of it there.
constexpr char rfc_8463_header[] =
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n";
constexpr char rfc_8463_body[] =
    "\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
constexpr char rfc_8463_signature[] =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    " subject : date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=";

TEST(DkimSigner, ExampleOfRfc8463HasItsBodyHashAndItsSignature) {
  const std::string message = std::string(rfc_8463_header) + rfc_8463_body;
  EXPECT_EQ(sign(settings(), message)["bh"], "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
  Sha256 hash;
  const std::string header = rfc_8463_header;
  for (const DkimHeaderField& field : header_fields(header)) {
    hash.write(canonical_field(field.octets, Canonicalization::relaxed));
  }
  hash.write(canonical_field(rfc_8463_signature, Canonicalization::relaxed));
  const std::string signature = DkimKey::from_pem(rfc_8463_pem).sign(hash.finish());
  EXPECT_EQ(base64({reinterpret_cast<const unsigned char*>(signature.data()), signature.size()}),
            "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus"
            "Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==");
}

TEST(DkimSigner, TagsSayWhatTheSettingsSay) {
  DkimSettings how = settings();
  how.identity = "\"a; =b\"@mail.example.org";
  how.header = Canonicalization::simple;
  how.lifetime = std::chrono::hours(1);
  Tags said = sign(how, "From: a\r\n\r\n");
  EXPECT_THAT(said, ElementsAre(Key("a"), Key("b"), Key("bh"), Key("c"), Key("d"), Key("h"),
                                Key("i"), Key("s"), Key("t"), Key("v"), Key("x")));
  EXPECT_EQ(said["v"], "1");
  EXPECT_EQ(said["a"], "ed25519-sha256");
  EXPECT_EQ(said["c"], "simple/relaxed");
  EXPECT_EQ(said["d"], "example.org");
  EXPECT_EQ(said["s"], "sel");
  EXPECT_EQ(said["i"], "\"a=3B=20=3Db\"@mail.example.org");
  EXPECT_EQ(said["t"], "1750000000");
  EXPECT_EQ(said["x"], "1750003600");
}

TEST(DkimSigner, WhatIsNotSetIsNotSaid) {
  EXPECT_THAT(sign(settings(), "From: a\r\n\r\n"),
              ElementsAre(Key("a"), Key("b"), Key("bh"), Key("c"), Key("d"), Key("h"), Key("s"),
                          Key("t"), Key("v")));
}

TEST(DkimSigner, SealsSayOneFieldMoreThanThereIs) {
  DkimSettings how = settings();
  how.fields = {{"From", Oversign::always},       {"To", Oversign::none},
                {"Cc", Oversign::always},         {"Date", Oversign::if_present},
                {"Sender", Oversign::if_present}, {"Received", Oversign::none}};
  const std::string message =
      "Received: 1\r\nReceived: 2\r\nFROM: a\r\nto: b\r\nDate: c\r\nX-Other: d\r\n\r\n";
  EXPECT_EQ(sign(how, message)["h"], "From:From:To:Cc:Date:Date:Received:Received");
}

TEST(DkimSigner, DefaultsSealWhatReadersSee) {
  EXPECT_EQ(sign(settings(), "From: a\r\nDate: b\r\n\r\n")["h"],
            "From:From:Reply-To:Subject:Date:Date:To:Cc");
}

TEST(DkimSigner, LinesStayBelow78Characters) {
  const OpenSslKey rsa = make_rsa_key(2048);
  DkimSettings how = settings();
  for (std::size_t length = 1; length < 60; ++length) {
    how.selector = std::string(length, 's');
    how.key = DkimKey::from_pem(length % 2 == 0 ? rfc_8463_pem : private_pem(rsa));
    how.identity = std::string(60 - length, 'i') + "@example.org";
    const std::string text = DkimSigner({how})
                                 .sign(TextSource("From: a\r\nSubject: b\r\nTo: c\r\n\r\n"), noon)
                                 .signatures();
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find("\r\n", at);
      ASSERT_LT(end - at, 78U) << text;
      ASSERT_GT(end - at, 1U) << text;
      ASSERT_TRUE(at == 0 || text[at] == ' ') << text;
      at = end + 2;
    }
    ASSERT_EQ(tags(text)["s"], how.selector);
  }
}

TEST(DkimSigner, SignaturesStandInFrontInTheOrderOfTheSettings) {
  DkimSettings other = settings();
  other.selector = "other";
  other.body = Canonicalization::simple;
  const TextSource letter("From: a\r\n\r\nbody \r\n");
  const DkimSignedSource signed_letter = DkimSigner({settings(), other}).sign(letter, noon);
  const std::string text = content(signed_letter);
  EXPECT_EQ(text, signed_letter.signatures() + content(letter));
  EXPECT_EQ(text.size(), signed_letter.size());
  const std::size_t second = text.find("DKIM-Signature:", 1);
  EXPECT_EQ(tags(text.substr(0, second))["s"], "sel");
  Tags said = tags(signed_letter.signatures().substr(second));
  EXPECT_EQ(said["s"], "other");
  EXPECT_NE(said["bh"], tags(text.substr(0, second))["bh"]);
}

TEST(DkimSigner, MessageIsReadOnceAndRetriesGiveTheSameOctets) {
  const CountingSource letter("From: a\r\n\r\n" + std::string(200'000, 'x') + "\r\n");
  const DkimSignedSource signed_letter = DkimSigner({settings()}).sign(letter, noon);
  EXPECT_EQ(letter.opened, 1);
  const std::string first = content(signed_letter);
  EXPECT_EQ(content(signed_letter, 1), first);
  EXPECT_EQ(letter.opened, 3);
  EXPECT_TRUE(signed_letter.has_8bit());
  EXPECT_TRUE(signed_letter.needs_smtputf8());
}

TEST(DkimSigner, NothingInTheMessageGetsIntoTheSignatureField) {
  const std::string message =
      "From: a; d=evil.example\r\n b=AAAA\r\nSubject: x\r\n\tDKIM-Signature: v=1\r\n"
      "DKIM-Signature: v=1; d=evil.example\r\nX-;l=0;: y\r\n\r\n";
  const std::string text = DkimSigner({settings()}).sign(TextSource(message), noon).signatures();
  Tags said = tags(text);
  EXPECT_EQ(said["d"], "example.org");
  EXPECT_EQ(said.count("l"), 0U);
  EXPECT_EQ(said["h"], "From:From:Reply-To:Subject:Subject:To:Cc");
  EXPECT_EQ(text.find("evil"), std::string::npos);
}

TEST(DkimSigner, WhatAServerReceivesIsWhatWasHashed) {
  std::mt19937 random(8301);
  for (int round = 0; round < 200; ++round) {
    std::string message = "From: a\nSubject: b\r c\r\n\n";
    const std::size_t size = random() % 200;
    for (std::size_t at = 0; at < size; ++at) message += ".\r\n x"[random() % 5];
    const TextSource letter(message);
    const DkimSignedSource signed_letter = DkimSigner({settings()}).sign(letter, noon);
    const Played run = carry({Script{}}, envelope_to({"b@example.org"}), signed_letter);
    ASSERT_EQ(run.verdicts(), "delivered");
    const std::string received = run.received().at(0).content;
    ASSERT_THAT(received, StartsWith(signed_letter.signatures()));
    const auto form = Canonicalization::simple;
    const DkimMessage there = read_dkim_message(TextSource(received), {form});
    const DkimMessage here = read_dkim_message(letter, {form});
    ASSERT_EQ(there.header, signed_letter.signatures() + here.header);
    ASSERT_EQ(there.body_hashes, here.body_hashes);
  }
}

TEST(DkimSigner, WithoutKeysThereIsNoSigner) {
  EXPECT_THROW(DkimSigner({}), std::invalid_argument);
}

TEST(DkimSigner, MessageWithoutFromIsNotSigned) {
  const TextSource letter("To: a\r\n\r\nFrom: b\r\n");
  EXPECT_THROW(std::ignore = DkimSigner({settings()}).sign(letter, noon), std::runtime_error);
}

}  // namespace
}  // namespace postern::smtp::test
