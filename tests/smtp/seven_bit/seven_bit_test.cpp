#include "smtp/seven_bit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "smtp/seven_bit/filler.h"
#include "tests/smtp/seven_bit/seven_bit_support.h"

namespace postern::smtp {
namespace {

using test::all_of;
using test::CutSource;
using test::in_seven_bits;
using testing::EndsWith;
using testing::HasSubstr;

/// A message whose text is 8-bit, with other parts before it.
std::string with_parts(std::string_view parts, std::string_view type = "multipart/mixed") {
  return "MIME-Version: 1.0\r\nContent-Type: " + std::string(type) +
         "; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + std::string(parts) +
         "--b\r\n\r\nThe words in German, as they are meant: Gr\xFC\xDF"
         "e\r\n--b--\r\n";
}
constexpr std::string_view text_in_seven_bits =
    "--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "The words in German, as they are meant: Gr=FC=DFe\r\n--b--\r\n";
std::string expected_with_parts(std::string_view parts, std::string_view type = "multipart/mixed") {
  return "MIME-Version: 1.0\r\nContent-Type: " + std::string(type) +
         "; boundary=b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + std::string(parts) +
         std::string(text_in_seven_bits);
}

TEST(SevenBit, TextBecomesQuotedPrintable) {
  EXPECT_EQ(
      in_seven_bits("Subject: x\r\nContent-Transfer-Encoding: 8BIT (so)\r\nMIME-Version: 1.0\r\n"
                    "\r\n.Some text, with an \xC3\xA4 in it \r\n"),
      "Subject: x\r\nContent-Transfer-Encoding: quoted-printable\r\nMIME-Version: 1.0\r\n"
      "\r\n=2ESome text, with an =C3=A4 in it=20\r\n");
}

TEST(SevenBit, TextThatWouldBeLongerThatWayBecomesBase64) {
  EXPECT_THAT(in_seven_bits("MIME-Version: 1.0\r\n\r\n\xE4\xF6\xFC\xDF\r\n"),
              EndsWith("Content-Transfer-Encoding: base64\r\n\r\n5Pb83w0K\r\n"));
}

TEST(SevenBit, OtherContentBecomesBase64AndItsLineEndsCrlf) {
  EXPECT_THAT(
      in_seven_bits("Content-Type: image/x\r\n\r\na\n\xE4"),
      EndsWith("Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\nYQ0K5A==\r\n"));
}

TEST(SevenBit, BinaryContentBecomesBase64OctetForOctet) {
  EXPECT_THAT(
      in_seven_bits("Content-Transfer-Encoding: binary\r\n\r\na\n\xE4\rb"),
      EndsWith("Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\nYQrkDWI=\r\n"));
}

TEST(SevenBit, AMessageWithoutEightBitOctetsIsGivenAsItIs) {
  const std::string message =
      "DKIM-Signature: x\nContent-Transfer-Encoding: binary\n\nnone\r\rhere\n";
  EXPECT_EQ(in_seven_bits(message), message);
}

TEST(SevenBit, PartsThatAreSevenBitKeepTheirContentOctetForOctet) {
  constexpr std::string_view parts =
      "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\n\n==\r\n"
      "--b\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\na=20=\r\n b \r\n"
      "--b\r\nContent-Transfer-Encoding: x-other\r\n\r\nwhat\rever\r\n"
      "--b\r\n\r\n.plain \n\r\n";
  EXPECT_EQ(in_seven_bits(with_parts(parts)), expected_with_parts(parts));
}

TEST(SevenBit, APartThatSaysEightBitWithoutNeedSaysSevenBit) {
  EXPECT_EQ(in_seven_bits(with_parts("--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\nplain \r\n")),
            expected_with_parts("--b\r\nContent-Transfer-Encoding: 7bit\r\n\r\nplain \r\n"));
}

TEST(SevenBit, AnEmbeddedMessageIsEncodedInside) {
  EXPECT_EQ(in_seven_bits(with_parts(
                "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                "Subject: inner\r\n\r\nIn here, too, there are many words: \xE4\r\n")),
            expected_with_parts(
                "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
                "Subject: inner\r\nContent-Transfer-Encoding: quoted-printable\r\n"
                "MIME-Version: 1.0\r\n\r\nIn here, too, there are many words: =E4\r\n"));
}

TEST(SevenBit, ADigestsPartsAreMessagesWithoutSayingSo) {
  EXPECT_THAT(in_seven_bits(with_parts("--b\r\n\r\nContent-Type: image/x\r\n\r\n\xE4\r\n",
                                       "multipart/digest")),
              HasSubstr("--b\r\n\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: base64\r\n"
                        "MIME-Version: 1.0\r\n\r\n5A==\r\n\r\n--b"));
}

TEST(SevenBit, WhatFollowsAnUnclosedHeaderDoesNotBecomeHeader) {
  EXPECT_EQ(
      in_seven_bits("Content-Type: message/rfc822\r\nDear John, this is a text with an \xE4\r\n"),
      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\nMIME-Version: 1.0\r\n"
      "\r\nContent-Transfer-Encoding: quoted-printable\r\nMIME-Version: 1.0\r\n\r\n"
      "Dear John, this is a text with an =E4\r\n");
  EXPECT_THAT(in_seven_bits(with_parts("--b\r\nContent-Type: multipart/mixed; boundary=i\r\n"
                                       "\xE4: text\r\n--i\r\n\r\nx\r\n")),
              HasSubstr("boundary=i\r\nContent-Transfer-Encoding: 7bit\r\n\r\n?: text\r\n--i"));
}

TEST(SevenBit, PreambleAndEpilogueLoseTheirEightBitOctets) {
  EXPECT_EQ(in_seven_bits(with_parts("pr\xE4\r\n") + "\xE4pilogue"),
            expected_with_parts("pr?\r\n") + "?pilogue");
}

TEST(SevenBit, APreambleMayBeFollowedByAMultipartOrAMessage) {
  constexpr std::string_view parts =
      "--b\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\nx\r\n"
      "--b\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nx\r\n--i--\r\n";
  EXPECT_EQ(in_seven_bits(with_parts("pr\xE4\r\n" + std::string(parts))),
            expected_with_parts("pr?\r\n" + std::string(parts)));
}

TEST(SevenBit, APreambleThatNoPartFollowsIsNotGivenAway) {
  const std::string reason =
      "refused: a multipart whose boundary does not appear holds 8-bit octets";
  EXPECT_EQ(in_seven_bits("Content-Type: multipart/mixed\r\n\r\nGr\xFC\xDF"
                          "e\r\n"),
            reason);
  EXPECT_EQ(
      in_seven_bits(with_parts("--b\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n\xE4\r\n")),
      reason);
  EXPECT_EQ(in_seven_bits("Content-Type: multipart/mixed; boundary=b\r\n\r\n\xE4\r\n--b--\r\n"),
            reason);
}

TEST(SevenBit, TextBesideASignedPartIsEncodedAndTheSignedPartStays) {
  constexpr std::string_view parts =
      "--b\r\nContent-Type: multipart/signed; boundary=s\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
      "--s\r\nContent-Transfer-Encoding: 8bit\r\n\r\nsigned \r\n"
      "--s\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: "
      "base64\r\n\r\n"
      "AAAA\r\n--s--\r\n";
  std::string expected(parts);
  expected.replace(expected.find("8bit"), 4, "7bit");  // what is around the signed part may change
  EXPECT_EQ(in_seven_bits(with_parts(parts)), expected_with_parts(expected));
}

TEST(SevenBit, SignedPartsWithEightBitOctetsAreRefused) {
  EXPECT_EQ(in_seven_bits(with_parts("", "multipart/signed")),
            "refused: a part of type text/plain that is signed holds 8-bit octets");
  EXPECT_EQ(in_seven_bits(with_parts("--b\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n"
                                     "\xE4\r\n--i\r\n\r\n--i--\r\n",
                                     "multipart/signed")),
            "refused: a signed multipart holds 8-bit octets between its parts");
}

TEST(SevenBit, WhatMustNotBeEncodedIsRefused) {
  for (const std::string type :
       {"application/pkcs7-mime", "message/partial", "message/external-body"}) {
    EXPECT_EQ(in_seven_bits("Content-Type: " + type + "; a=b\r\n\r\n\xE4"),
              "refused: a part of type " + type + " that must not be encoded holds 8-bit octets");
  }
}

TEST(SevenBit, EncodedPartsWithEightBitOctetsAreRefused) {
  for (const std::string encoding : {"quoted-printable", "base64", "x-unknown"}) {
    EXPECT_EQ(in_seven_bits("Content-Transfer-Encoding: " + encoding + "\r\n\r\n\xE4"),
              "refused: a part of type text/plain that is said to be encoded already holds 8-bit "
              "octets");
  }
}

TEST(SevenBit, EightBitHeaderFieldsAreRefusedAtAnyDepth) {
  EXPECT_EQ(in_seven_bits("Subject: \xE4\r\n\r\n"),
            "refused: the header field subject holds 8-bit octets");
  EXPECT_EQ(
      in_seven_bits(with_parts("--b\r\nContent-Type: message/rfc822\r\n\r\nTo: \xE4\r\n\r\n")),
      "refused: the header field to holds 8-bit octets");
}

TEST(SevenBit, ADkimSignatureIsNotBroken) {
  const std::string signature = "DKIM-Signature: v=1\r\n";
  const std::string reason = "refused: the message holds 8-bit octets under a DKIM signature";
  EXPECT_EQ(in_seven_bits(signature + with_parts("")), reason);
  EXPECT_EQ(in_seven_bits(signature + with_parts("\xE4\r\n--b\r\n\r\n")), reason);
  EXPECT_THAT(in_seven_bits(with_parts("--b\r\nContent-Type: message/rfc822\r\n\r\n" + signature +
                                       "\r\n\xE4\r\n")),
              HasSubstr(signature));
}

TEST(SevenBit, TheResultSaysWhatItIsAndCanBeReadAgain) {
  const CutSource source(with_parts("pr\xE4\r\n"));
  const SevenBit result = seven_bit(source);
  const OctetSource& message = *std::get<0>(result);
  EXPECT_FALSE(message.has_8bit());
  EXPECT_FALSE(message.needs_smtputf8());
  const std::string octets = all_of(message);
  EXPECT_EQ(message.size(), octets.size());
  EXPECT_EQ(all_of(message, 1), octets);
}

TEST(SevenBit, TheScanGoesStepByStep) {
  const std::string header = "MIME-Version: 1.0\r\nContent-Transfer-Encoding: ";
  const CutSource source(header + "8bit\r\n\r\n" + std::string(1'000'000, '\xE4'));
  SevenBitScan scan(source);
  int steps = 1;
  while (scan.advance()) ++steps;
  EXPECT_GT(steps, 12);
  const SevenBit result = scan.take();
  EXPECT_EQ(std::get<0>(result)->size(),
            (header + "base64\r\n\r\n").size() + base64_size(1'000'000));
}

TEST(SevenBit, AMessageThatChangedInBetweenIsNotSent) {
  CutSource source(with_parts(""));
  const SevenBit result = seven_bit(source);
  source.replace(with_parts("--b\r\nContent-Transfer-Encoding: base64\r\n\r\n\xE4\r\n"));
  EXPECT_THROW(all_of(*std::get<0>(result)), std::runtime_error);
  source.replace("A: b\r\n\r\n" + with_parts("--b\r\n\r\n--b\r\n\r\n\xE4\r\n"));
  EXPECT_THROW(all_of(*std::get<0>(result)), std::runtime_error);
}

}  // namespace
}  // namespace postern::smtp
