// Signed and encrypted messages, and reports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "tests/losses.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view signed_body =
    "This is a MIME message\r\n--b\r\nContent-Type: text/plain\r\n\r\n trailing blanks \t \r\n"
    "From me\r\n.\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nMIAG\r\n--b--\r\n";

mapi::Message smime_message(std::string_view message_class, std::string_view data) {
  auto message = simple_message();
  message.set(mapi::PR_MESSAGE_CLASS, std::string(message_class));
  message.attachments.push_back(mapi::make_attachment("smime.p7m", mapi::Content::from_text(data)));
  return message;
}

TEST(ClearSigned, TheStoredEntityGoesOutOctetForOctet) {
  const auto message =
      smime_message("IPM.Note.SMIME.MultipartSigned",
                    "Content-Type: multipart/signed; "
                    "protocol=\"application/pkcs7-signature\";\r\n\tmicalg=sha-256; "
                    "boundary=\"b\"\r\nX-Other: dropped\r\nContent-Description: kept\r\n\r\n" +
                        std::string(signed_body));
  const auto octets = composed(message);
  EXPECT_EQ(octets.substr(octets.find("\r\n\r\n") + 4), signed_body);
  const auto mail = parsed(octets);
  EXPECT_EQ(mail["type"], "multipart/signed");
  EXPECT_EQ(header(mail, "Subject"), "Subject");
  EXPECT_EQ(header(mail, "Content-Description"), "kept");
  EXPECT_FALSE(has_header(mail, "X-Other"));
  EXPECT_EQ(mail["parts"].size(), 2U);
}

TEST(ClearSigned, ContentFieldsOfBothAppearOnce) {
  auto message = smime_message("IPM.Note.SMIME.MultipartSigned",
                               "Content-Type: multipart/signed; boundary=b\r\n"
                               "content-language: fr\r\n\r\n" +
                                   std::string(signed_body));
  message.set(mapi::PR_MESSAGE_LOCALE_ID, 0x0407);
  EXPECT_EQ(header(parsed(composed(message)), "Content-Language"), "fr");
}

TEST(ClearSigned, BareLineEndsBecomeCrlfAndNothingElseChanges) {
  std::string with_lf(signed_body);
  std::erase(with_lf, '\r');
  const auto octets =
      composed(smime_message("IPM.Note.SMIME.MultipartSigned",
                             "Content-Type: multipart/signed; boundary=b\n\n" + with_lf));
  EXPECT_EQ(octets.substr(octets.find("\r\n\r\n") + 4), signed_body);
}

TEST(ClearSigned, AnOpenQuotationMarkMakesItANote) {
  const auto mail = parsed(composed(smime_message(
      "IPM.Note.SMIME.MultipartSigned",
      "Content-Type: multipart/signed; boundary=\"b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n")));
  EXPECT_EQ(mail["type"], "multipart/mixed");
  EXPECT_EQ(mail["parts"][1]["disposition"], "attachment");
}

TEST(ClearSigned, ContentWithEightBitSaysSo) {
  const auto plan = compose(
      smime_message(
          "IPM.Note.SMIME.MultipartSigned",
          "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\xC3\xA9\r\n--b--\r\n"),
      fixed_options());
  EXPECT_TRUE(plan.has_8bit());
  auto outer = simple_message();
  outer.attachments.push_back(mapi::make_attachment(
      smime_message("IPM.Note.SMIME.MultipartSigned",
                    "Content-Type: multipart/signed; boundary=b\r\n\r\n\xC3\xA9\r\n")));
  const auto mail = octets_of(compose(outer, fixed_options()).content());
  EXPECT_TRUE(
      has_line(mail.substr(0, mail.find("\r\n\r\n") + 2), "Content-Transfer-Encoding: 8bit"));
}

TEST(ClearSigned, WhatIsNoSignedEntityIsSentAsANote) {
  for (const auto* data : {"", "no header", "Content-Type: text/plain\r\n\r\nx",
                           "Content-Type: multipart/signed; boundary=b\r\n",
                           "Content-Type: multipart/signed; boundary=\"\xFF\"\r\n\r\nx"}) {
    const auto message = smime_message("IPM.Note.SMIME.MultipartSigned", data);
    const auto plan = compose(message, fixed_options());
    EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("sent as an ordinary note"))) << data;
    EXPECT_EQ(content(parsed(octets_of(plan.content()))["parts"][1]), data);
  }
}

TEST(ClearSigned, ItsHeadersCannotReplaceTheMessagesOwn) {
  const auto octets = composed(smime_message(
      "IPM.Note.SMIME.MultipartSigned",
      "From: evil@example.com\r\nBcc: b@example.com\r\nContent-Type: "
      "multipart/signed; boundary=b\r\n"
      "Content-Type: text/html\r\nContent-X\r\n : y\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"));
  const auto mail = parsed(octets);
  EXPECT_EQ(header(mail, "From"), "sender@example.com");
  EXPECT_FALSE(has_header(mail, "Bcc"));
  EXPECT_THAT(header(mail, "Content-Type"), HasSubstr("multipart/signed"));
}

mapi::Attachment secured(std::int32_t number, const std::string& body) {
  auto attachment = mapi::make_attachment(
      "smime.p7m",
      mapi::Content::from_text("Content-Type: multipart/signed; boundary=b\r\n\r\n" + body));
  attachment.set(mapi::PR_POSTERN_SECURED_ENTITY, number);
  return attachment;
}

TEST(Secured, TheEntityThatIsAskedForReplacesTheContent) {
  auto message = simple_message();
  message.attachments = {mapi::make_attachment("a.txt", mapi::Content::from_text("attached")),
                         secured(0, "for all\r\n"), secured(1, "for one\r\n")};
  auto options = fixed_options();
  for (const auto* body : {"for all\r\n", "for one\r\n"}) {
    const auto plan = compose(message, options);
    EXPECT_EQ(plan.content_type(), "multipart/signed; boundary=b");
    const auto octets = octets_of(plan.content());
    EXPECT_EQ(octets.substr(octets.find("\r\n\r\n") + 4), body);
    EXPECT_TRUE(has_line(octets, "Subject: Subject"));
    ++options.secured_entity;
  }
}

TEST(Secured, TheContentIsNeverSentInPlaceOfAnEntityThatIsMissing) {
  auto message = simple_message();
  message.attachments = {secured(1, "for one\r\n")};
  EXPECT_THROW(compose(message, fixed_options()), mapi::Failure);
  message.attachments.front().set(mapi::PR_POSTERN_SECURED_ENTITY, 0);
  message.attachments.front().data = mapi::Content::from_text("no entity");
  EXPECT_THROW(compose(message, fixed_options()), mapi::Failure);
}

TEST(Secured, AMarkInAnAttachedMessageMeansNothing) {
  auto inner = simple_message();
  inner.attachments = {secured(0, "marked\r\n")};
  auto message = simple_message();
  message.attachments = {mapi::make_attachment(inner)};
  EXPECT_THAT(outline(compose(message, fixed_options())), HasSubstr("smime.p7m"));
}

TEST(ComposeContent, IsTheEntityWithoutTheMessagesHeaders) {
  auto message = simple_message();
  message.attachments = {mapi::make_attachment("a.txt", mapi::Content::from_text("attached"))};
  const auto plan = compose_content(message, fixed_options());
  EXPECT_THAT(plan.content_type(), testing::StartsWith("multipart/mixed; boundary="));
  EXPECT_EQ(plan.reverse_path, "sender@example.com");
  const auto whole = composed(message);
  const auto content = octets_of(plan.content());
  EXPECT_TRUE(whole.ends_with(content));
  EXPECT_THAT(content, testing::StartsWith("Content-Type: multipart/mixed;"));
}

TEST(Opaque, DataIsSentAsPkcs7MimeWithItsKind) {
  const std::string enveloped =
      std::string("\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07", 12) + "\x03" +
      random_octets(5, 500);
  const auto message = smime_message("IPM.Note.SMIME", enveloped);
  const auto mail = parsed(composed(message));
  EXPECT_EQ(mail["type"], "application/pkcs7-mime");
  EXPECT_THAT(header(mail, "Content-Type"), HasSubstr("enveloped-data"));
  EXPECT_EQ(mail["filename"], "smime.p7m");
  EXPECT_EQ(content(mail), enveloped);
}

TEST(Opaque, TheStoredContentTypeIsUsed) {
  auto message = smime_message("IPM.Note.SMIME", "data");
  message.set({mapi::PS_INTERNET_HEADERS, std::string("Content-Type")},
              std::string("application/x-pkcs7-mime; smime-type=signed-data;\r\n name=x.p7m"));
  const auto mail = parsed(composed(message));
  EXPECT_EQ(mail["type"], "application/x-pkcs7-mime");
  EXPECT_EQ(content(mail), "data");
}

TEST(Opaque, AStoredContentTypeWithoutSoundParametersIsNotUsed) {
  for (const auto* bad :
       {"smime-type=signed-data;\r\nX-Injected: yes", "a=\"b", "a=b c=d", "a", "=b"}) {
    auto message = smime_message("IPM.Note.SMIME", "data");
    message.set({mapi::PS_INTERNET_HEADERS, std::string("Content-Type")},
                std::string("application/x-pkcs7-mime; ") + bad);
    const auto plan = compose(message, fixed_options());
    EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("is none"))) << bad;
    EXPECT_EQ(parsed(octets_of(plan.content()))["type"], "application/pkcs7-mime") << bad;
  }
}

TEST(Opaque, WithoutExactlyOneAttachmentItIsANote) {
  auto message = smime_message("IPM.Note.SMIME", "data");
  message.attachments.push_back(message.attachments.front());
  const auto plan = compose(message, fixed_options());
  EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("exactly one attachment")));
  EXPECT_THAT(outline(plan), HasSubstr("multipart/mixed"));
}

mapi::Message failure_report() {
  auto report = simple_message();
  report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
  report.set(mapi::PR_SUBJECT, "Undeliverable: Subject");
  report.set(mapi::PR_REPORTING_MTA, "dns; mx.example.com");
  mapi::set_address(report, mapi::rcvd_representing_group, "author@example.com");
  auto& row = report.recipients.front();
  row.set(mapi::PR_NDR_DIAG_CODE, 35);
  row.set(mapi::PR_NDR_REASON_CODE, 1);
  row.set(mapi::PR_DSN_REMOTE_MTA, "remote.example.com");
  report.attachments.push_back(mapi::make_attachment(simple_message()));
  return report;
}

TEST(Report, ANonDeliveryReportHasItsThreeParts) {
  const auto plan = compose(failure_report(), fixed_options());
  EXPECT_EQ(plan.reverse_path, "");
  const auto octets = composed(failure_report());
  const auto mail = parsed(octets);
  EXPECT_EQ(mail["type"], "multipart/report");
  EXPECT_THAT(header(mail, "Content-Type"), HasSubstr("report-type=\"delivery-status\""));
  EXPECT_EQ(header(mail, "To"), "author@example.com");
  EXPECT_EQ(header(mail, "Auto-Submitted"), "auto-replied");
  EXPECT_EQ(mail["parts"][0]["type"], "text/plain");
  EXPECT_EQ(mail["parts"][1]["type"], "message/delivery-status");
  EXPECT_EQ(mail["parts"][2]["type"], "message/rfc822");
  EXPECT_THAT(octets, HasSubstr("Reporting-MTA: dns; mx.example.com\r\n"
                                "\r\n"
                                "Original-Recipient: rfc822; to@example.com\r\n"
                                "Final-Recipient: rfc822; to@example.com\r\n"
                                "Action: failed\r\n"
                                "Status: 5.1.1\r\n"
                                "Remote-MTA: dns; remote.example.com\r\n"));
}

TEST(Report, TheDiagnosticTextOverridesTheTables) {
  auto report = failure_report();
  report.recipients.front().set(mapi::PR_SUPPLEMENTARY_INFO,
                                "<mx.example.com #5.2.2 smtp;552 mailbox full>");
  EXPECT_THAT(composed(report), HasSubstr("\r\nStatus: 5.2.2\r\n"));
}

TEST(Report, ADeliveryReportTellsSuccess) {
  auto report = failure_report();
  report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.Relayed.DR");
  const auto octets = composed(report);
  EXPECT_THAT(octets, HasSubstr("\r\nAction: relayed\r\nStatus: 2.0.0\r\n"));
}

TEST(Report, NothingInARowBecomesAFieldOfItsOwn) {
  auto report = failure_report();
  auto& row = report.recipients.front();
  row = {};
  row.set(mapi::PR_DISPLAY_NAME, "x\r\nAction: delivered\r\n\r\nFinal-Recipient: rfc822; y@z");
  row.set(mapi::PR_DSN_REMOTE_MTA, "h\r\nStatus: 2.0.0");
  row.set(mapi::PR_SUPPLEMENTARY_INFO, "5.1.1\r\nStatus: 2.0.0");
  report.set(mapi::PR_REPORTING_MTA, "h\r\n\r\nAction: delivered");
  const auto octets = composed(report);
  EXPECT_FALSE(has_line(octets, "Action: delivered"));
  EXPECT_FALSE(has_line(octets, "Status: 2.0.0"));
}

TEST(Report, AReadReportSaysWhatBecameOfTheMessage) {
  auto report = simple_message();
  report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.IPNNRN");
  mapi::set_address(report, mapi::sender_group, "reader@example.com", "Reader");
  const auto octets = composed(report);
  EXPECT_EQ(parsed(octets)["parts"][1]["type"], "message/disposition-notification");
  EXPECT_THAT(octets, HasSubstr("Final-Recipient: rfc822; reader@example.com\r\n"));
  EXPECT_THAT(octets, HasSubstr("MDN-sent-automatically; deleted\r\n"));
}

class PgpEncrypted : public testing::Test {
 protected:
  void attach(std::string_view type, std::string_view octets) {
    message_.attachments.push_back(
        mapi::make_attachment("x.asc", mapi::Content::from_text(octets), type));
  }

  mapi::Message message_ = simple_message();
  const std::string version_ = "Version: 1\r\n";
  const std::string data_ = "-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n";
};

TEST_F(PgpEncrypted, IsTheTwoPartsAlone) {
  message_.set(mapi::PR_BODY, "deciphered");
  attach("application/octet-stream; name=x", data_);
  attach("application/pgp-encrypted", version_);
  const auto plan = compose(message_, fixed_options());
  EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("is not sent")));
  const auto octets = octets_of(plan.content());
  EXPECT_THAT(octets, Not(HasSubstr("deciphered")));
  const auto mail = parsed(octets);
  EXPECT_THAT(header(mail, "Content-Type"),
              testing::AllOf(HasSubstr("multipart/encrypted"),
                             HasSubstr("protocol=\"application/pgp-encrypted\"")));
  ASSERT_EQ(mail["parts"].size(), 2U);
  EXPECT_EQ(mail["parts"][0]["type"], "application/pgp-encrypted");
  EXPECT_EQ(content(mail["parts"][0]), version_);
  EXPECT_EQ(mail["parts"][1]["type"], "application/octet-stream");
  EXPECT_EQ(content(mail["parts"][1]), data_);
}

TEST_F(PgpEncrypted, DataWithoutATypeIsKnownByItsArmor) {
  message_.set(mapi::PR_MESSAGE_CLASS, "IPM.Note.SMIME");
  attach("application/pgp-encrypted", version_);
  attach("", data_);
  EXPECT_EQ(parsed(composed(message_))["type"], "multipart/encrypted");
}

TEST_F(PgpEncrypted, OtherPairsAreOrdinaryAttachments) {
  attach("application/pgp-encrypted", version_);
  EXPECT_EQ(parsed(composed(message_))["type"], "multipart/mixed");
  attach("application/pgp-encrypted", version_);
  EXPECT_EQ(parsed(composed(message_))["type"], "multipart/mixed");
  message_.attachments.pop_back();
  attach("image/png", "PNG");
  EXPECT_EQ(parsed(composed(message_))["type"], "multipart/mixed");
  message_.attachments.pop_back();
  attach("application/octet-stream", data_);
  attach("text/plain", "more");
  EXPECT_EQ(parsed(composed(message_))["type"], "multipart/mixed");
}

}  // namespace
}  // namespace postern::mime
