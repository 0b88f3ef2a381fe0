// Mails as message objects: what is read, and what composing makes of it again.
#include "mime/read_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mime/original.h"
#include "tests/mime/mail.h"
#include "tests/mime/parse/mails.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string html_of(const mapi::Message& message) {
  const auto* html = message.get(mapi::PR_HTML);
  if (html == nullptr) return "none";
  return {reinterpret_cast<const char*>(html->data()), html->size()};
}

TEST(ReadMessage, HeaderBecomesProperties) {
  const auto [message, losses] = read(
      "From: =?utf-8?B?SsO2?= =?utf-8?B?cmc=?= <joerg@a.example>\n"
      "Sender: \"Office, The\" <office@a.example>\n"
      "Reply-To: Desk <desk@a.example>, x@b.example\n"
      "To: Ann <ann@a.example>, Team: bob@b.example, \"C (x)\" <c@c.example>;\n"
      "Cc: dora@d.example (Dora)\n"
      "Subject: Re: =?iso-8859-1?Q?Gr=FC=DFe?=\n aus Bonn\n"
      "Date: Thu, 01 Jan 1970 01:00:10 +0100\n"
      "Message-ID: <1@a.example>\nIn-Reply-To: <0@a.example>\n"
      "References: <a@a.example>\n\t<0@a.example>\n"
      "Importance: High\nSensitivity: Private\nKeywords: red, \"green, dark\"\n"
      "Disposition-Notification-To: desk@a.example\n"
      "List-Unsubscribe: <https://a.example/u>\nX-Auto-Response-Suppress: OOF, AutoReply\n"
      "X-Mailer: Test =?utf-8?Q?=E2=82=AC?=\n"
      "Content-Language: de-DE\n\nHello\n");
  EXPECT_THAT(losses, IsEmpty());
  EXPECT_EQ(message.get(mapi::PR_SENT_REPRESENTING_NAME), "Jörg");
  EXPECT_EQ(mapi::smtp_address(message, mapi::sent_representing_group), "joerg@a.example");
  EXPECT_EQ(message.get(mapi::PR_SENDER_NAME), "Office, The");
  EXPECT_THAT(
      addresses(message, mapi::RecipientType::to),
      ElementsAre("Ann <ann@a.example>", "bob@b.example <bob@b.example>", "C (x) <c@c.example>"));
  EXPECT_THAT(addresses(message, mapi::RecipientType::cc), ElementsAre("Dora <dora@d.example>"));
  EXPECT_EQ(message.get(mapi::PR_SUBJECT), "Re: Grüße aus Bonn");
  EXPECT_EQ(message.get(mapi::PR_SUBJECT_PREFIX), "Re: ");
  EXPECT_EQ(message.get(mapi::PR_NORMALIZED_SUBJECT), "Grüße aus Bonn");
  EXPECT_EQ(message.get(mapi::PR_CLIENT_SUBMIT_TIME)->unix_seconds(), 10);
  EXPECT_EQ(message.get(mapi::PR_INTERNET_MESSAGE_ID), "<1@a.example>");
  EXPECT_EQ(message.get(mapi::PR_INTERNET_REFERENCES), "<a@a.example> <0@a.example>");
  EXPECT_EQ(message.get(mapi::PR_IMPORTANCE), 2);
  EXPECT_EQ(message.get(mapi::PR_SENSITIVITY), 2);
  EXPECT_EQ(message.get(mapi::PR_AUTO_RESPONSE_SUPPRESS), 0x30);
  EXPECT_EQ(message.get(mapi::PR_MESSAGE_LOCALE_ID), 0x407);
  EXPECT_EQ(message.get(mapi::PR_READ_RECEIPT_REQUESTED), true);
  EXPECT_EQ(message.get_text({mapi::PS_INTERNET_HEADERS, std::string("X-Mailer")}), "Test €");
  EXPECT_EQ(message.get(mapi::PR_BODY), "Hello\r\n");
  EXPECT_THAT(message.get_or(mapi::PR_TRANSPORT_MESSAGE_HEADERS, ""), HasSubstr("X-Mailer: "));
}

TEST(ReadMessage, IsComposedAgainAsItWas) {
  const auto mail = mail_of(
      "Date: Thu, 01 Jan 1970 00:00:10 +0000\n"
      "From: =?utf-8?B?SsO2cmc=?= <joerg@a.example>\n"
      "Sender: office@a.example\n"
      "To: Ann <ann@a.example>\n"
      "Message-ID: <1@a.example>\n"
      "Subject: =?utf-8?B?R3LDvMOfZQ==?=\n"
      "X-MS-Has-Attach: yes\n"
      "List-Id: Friends <friends.a.example>\n"
      "X-Mailer: Test\n"
      "MIME-Version: 1.0\n"
      "Content-Type: multipart/mixed; boundary=\"=_1\"\n"
      "\n"
      "--=_1\n"
      "Content-Type: multipart/related; type=\"multipart/alternative\";\n boundary=\"=_2\"\n"
      "\n"
      "--=_2\n"
      "Content-Type: multipart/alternative;\n boundary=\"=_3\"\n"
      "\n"
      "--=_3\n"
      "Content-Type: text/plain; charset=\"us-ascii\"\n"
      "Content-Transfer-Encoding: 7bit\n"
      "\n"
      "Hello\n"
      "\n"
      "--=_3\n"
      "Content-Type: text/html; charset=\"utf-8\"\n"
      "Content-Transfer-Encoding: quoted-printable\n"
      "\n"
      "<p>H=C3=A9llo <img src=3D\"cid:1@b\"></p>\n"
      "\n"
      "--=_3--\n"
      "--=_2\n"
      "Content-Type: image/png; name=\"a.png\"\n"
      "Content-Transfer-Encoding: base64\n"
      "Content-Disposition: inline; filename=\"a.png\"; size=3\n"
      "Content-ID: <1@b>\n"
      "\n"
      "AAEC\n"
      "--=_2--\n"
      "--=_1\n"
      "Content-Type: text/csv; charset=\"windows-1251\"; name=\"b.csv\"\n"
      "Content-Transfer-Encoding: base64\n"
      "Content-Disposition: attachment; filename=\"b.csv\"; size=2\n"
      "\n"
      "6Oc=\n"
      "--=_1--\n");
  const auto [message, losses] = read_message(mapi::Content::from_text(mail));
  EXPECT_THAT(losses, IsEmpty());
  EXPECT_EQ(message.attachments.size(), 2U) << "nothing is kept twice";
  EXPECT_EQ(with_plain_boundaries(file_of(message)), mail);
}

TEST(ReadMessage, AddressesOfLocalProgramsGetTheirDomain) {
  const auto text = "From: root (Cron Daemon)\nTo: ann\n\n";
  const auto completed = read(text, {.domain = "host.example"}).message;
  EXPECT_EQ(mapi::smtp_address(completed, mapi::sent_representing_group), "root@host.example");
  EXPECT_THAT(addresses(completed, mapi::RecipientType::to),
              ElementsAre("ann@host.example <ann@host.example>"));
  const auto unresolved = read(text);
  EXPECT_FALSE(mapi::smtp_address(unresolved.message, mapi::sent_representing_group));
  EXPECT_EQ(unresolved.losses.size(), 2U);
}

TEST(ReadMessage, ANameThatLooksLikeAnEncodedWordIsOneAfterAll) {
  const auto message = read("To: =?utf-8?B?PT91dGYtOD9RP0JvYj89?= <bob@a.example>\n\n").message;
  EXPECT_THAT(addresses(message, mapi::RecipientType::to),
              ElementsAre("=?utf-8?Q?Bob?= <bob@a.example>"));
}

TEST(ReadMessage, TheCommentBehindALoneAddressIsItsName) {
  struct Field {
    const char* from;
    const char* name;
    const char* address;
  };
  for (const auto& row : {Field{"root@host.test (Cron Daemon)", "Cron Daemon", "root@host.test"},
                          Field{"root (=?utf-8?q?J=C3=B6rg?=) ", "Jörg", "root@host.test"},
                          Field{"Ann (at home) <ann@a.test>", "Ann", "ann@a.test"},
                          Field{"<ann@a.test> (Ann)", "Ann", "ann@a.test"},
                          Field{"root (Cron (at night))", "root@host.test", "root@host.test"},
                          Field{"root () ", "root@host.test", "root@host.test"},
                          Field{"ann@a.test ()", "ann@a.test", "ann@a.test"}}) {
    const auto message =
        read("From: " + std::string(row.from) + "\n\n", {.domain = "host.test"}).message;
    EXPECT_EQ(message.get(mapi::PR_SENT_REPRESENTING_NAME), row.name) << row.from;
    EXPECT_EQ(mapi::smtp_address(message, mapi::sent_representing_group), row.address) << row.from;
  }
}

TEST(ReadMessage, GroupsWithoutMembersAreNames) {
  const auto hidden = read("From: a@a.example\nTo: undisclosed-recipients:;\n\n");
  EXPECT_THAT(hidden.message.recipients, IsEmpty());
  const auto name = read("From: Nobody Known:;\n\n").message;
  EXPECT_EQ(name.get(mapi::PR_SENT_REPRESENTING_NAME), "Nobody Known");
  EXPECT_THAT(file_of(name), HasSubstr("From: Nobody Known :;\r\n"));
}

struct TextCase {
  const char* name;
  std::string type;
  std::string octets;
  std::string expected;
  std::size_t losses;
};
class ReadText : public testing::TestWithParam<TextCase> {};

TEST_P(ReadText, IsReadByItsCharsetElseByWhatItIs) {
  const auto& given = GetParam();
  const auto mail =
      mapi::Content::from_text("Content-Type: " + given.type + "\r\n\r\n" + given.octets);
  const auto [message, losses] = read_message(mail);
  EXPECT_EQ(message.get(mapi::PR_BODY), given.expected);
  EXPECT_EQ(losses.size(), given.losses);
}

INSTANTIATE_TEST_SUITE_P(
    Charsets, ReadText,
    testing::Values(
        TextCase{"declared", "text/plain; charset=windows-1251", "\xcf\xf0", "Пр", 0},
        TextCase{"latin1_is_1252", "text/plain; charset=iso-8859-1", "\x93x\x94", "“x”", 0},
        TextCase{"gbk_under_gb2312", "text/plain; charset=gb2312", "\xe9\x46", "镕", 0},
        TextCase{"iso2022jp", "text/plain; charset=iso-2022-jp", "\x1b$B$\"\x1b(B", "あ", 0},
        TextCase{"undeclared_utf8", "text/plain", "\xc3\xbc", "ü", 1},
        TextCase{"undeclared_8bit", "text/plain; charset=us-ascii", "\xfc", "ü", 1},
        TextCase{"unknown", "text/plain; charset=x-martian", "\xc3\xbc", "ü", 1},
        TextCase{"utf8_under_iso2022jp", "text/plain; charset=iso-2022-jp", "\xc3\xbc", "ü", 1},
        TextCase{"damaged_utf8", "text/plain; charset=utf-8", "a\xff", "a�", 1}),
    [](const auto& tested) { return tested.param.name; });

TEST(ReadMessage, HtmlAloneStaysAlone) {
  const auto [message, losses] = read(
      "Content-Type: text/html; charset=windows-1252\nContent-Transfer-Encoding: "
      "quoted-printable\n\n<p>=80</p>\n");
  EXPECT_EQ(html_of(message), "<p>\x80</p>\r\n");
  EXPECT_EQ(message.get(mapi::PR_INTERNET_CPID), 1252);
  const auto again = parsed(file_of(message));
  EXPECT_EQ(again["type"], "text/html");
  EXPECT_EQ(content(again), "<p>€</p>\r\n");
}

TEST(ReadMessage, AttachmentsAreDecodedAsTheyAreRead) {
  const auto [message, losses] = read(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\n"
      "Content-Type: application/pdf;\n name=\"=?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?=.pdf\"\n"
      "Content-Transfer-Encoding: base64\nContent-Description: A file\n"
      "Content-Disposition: attachment; modification-date=\"Thu, 01 Jan 1970 00:00:10 +0000\"\n\n"
      "AA==AQI=\n*** noise ***\n--b\n"
      "Content-Type: text/plain\nContent-Disposition: inline;\n filename*0*=utf-8''%e2%82%ac;\n "
      "filename*1=\".txt\"\n\nline\n\n--b--\nepilogue\n");
  ASSERT_EQ(message.attachments.size(), 2U);
  const auto& pdf = message.attachments[0];
  EXPECT_EQ(pdf.get(mapi::PR_ATTACH_LONG_FILENAME), "äö.pdf");
  EXPECT_EQ(pdf.get(mapi::PR_ATTACH_EXTENSION), ".pdf");
  EXPECT_EQ(pdf.get(mapi::PR_DISPLAY_NAME), "A file");
  EXPECT_EQ(pdf.get(mapi::PR_LAST_MODIFICATION_TIME)->unix_seconds(), 10);
  EXPECT_EQ(data_of(pdf).substr(0, 3), std::string("\0\1\2", 3));
  EXPECT_EQ(pdf.data.size(), data_of(pdf).size());
  const auto& text = message.attachments[1];
  EXPECT_EQ(text.get(mapi::PR_ATTACH_LONG_FILENAME), "€.txt");
  EXPECT_EQ(data_of(text), "line\r\n");
  EXPECT_THAT(file_of(message),
              HasSubstr("Content-Disposition: inline; filename*=utf-8''%E2%82%AC"));
}

TEST(ReadMessage, MessagesWithinAreEmbedded) {
  const auto [message, losses] = read(
      "Subject: outer\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\n"
      "Content-Type: message/rfc822\n\n"
      "Subject: inner\nFrom: a@a.example\nContent-Type: multipart/mixed; boundary=c\n\n"
      "--c\n\nInner text\n--c\nContent-Type: image/png; name=x.png\n\nPNG\n--c--\n--b--\n");
  ASSERT_EQ(message.attachments.size(), 1U);
  ASSERT_TRUE(message.attachments[0].embedded);
  const auto& inner = *message.attachments[0].embedded;
  EXPECT_EQ(inner.get(mapi::PR_SUBJECT), "inner");
  EXPECT_EQ(inner.get(mapi::PR_BODY), "Inner text");
  ASSERT_EQ(inner.attachments.size(), 1U);
  EXPECT_EQ(data_of(inner.attachments[0]), "PNG");
}

TEST(ReadMessage, ForwardedMailWithItsTraceIsKeptWhole) {
  const std::string inner = mail_of(
      "Received: from a by b; Thu, 01 Jan 1970 00:00:10 +0000\nDKIM-Signature: v=1; b=x\n"
      "X-Odd:   three  blanks\nFrom: a@a.example\nSubject: inner\n\nInner text\n");
  const auto [message, losses] = read_message(mapi::Content::from_text(
      mail_of("Subject: outer\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n"
              "--b\nContent-Type: message/rfc822\n\n") +
      inner + "\r\n--b--\r\n"));
  ASSERT_EQ(message.attachments.size(), 1U);
  EXPECT_EQ(message.attachments[0].embedded->get(mapi::PR_SUBJECT), "inner");
  EXPECT_THAT(file_of(message), HasSubstr("\r\n\r\n" + inner));
}

TEST(ReadMessage, BlindCopiesOfForwardedMailAreNotSentOn) {
  const auto message = read(
                           "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\n"
                           "Content-Type: message/rfc822\n\nReceived: x\nBcc: "
                           "secret@a.example\nSubject: s\n\n--b--\n")
                           .message;
  EXPECT_THAT(file_of(message), Not(HasSubstr("secret")));
}

struct KeptCase {
  const char* name;
  std::string content;  ///< a MIME entity
};
class ReadKept : public testing::TestWithParam<KeptCase> {};

/// What an object has no place for goes out octet for octet.
TEST_P(ReadKept, GoesOutAsItCame) {
  const auto entity = mail_of(GetParam().content);
  const auto header = mail_of("From: a@a.example\nTo: b@b.example\nSubject: s\n");
  const auto [message, losses] = read_message(mapi::Content::from_text(header + entity));
  EXPECT_THAT(losses, IsEmpty());
  const auto again = file_of(message);
  const auto body = entity.substr(entity.find("\r\n\r\n"));
  EXPECT_THAT(again, HasSubstr(body));
  const auto third = file_of(read_message(mapi::Content::from_text(again)).message);
  EXPECT_EQ(third, again);
}

INSTANTIATE_TEST_SUITE_P(
    Structures, ReadKept,
    testing::Values(
        KeptCase{"clear_signed",
                 "Content-Type: multipart/signed; micalg=sha-256;\n "
                 "protocol=\"application/pkcs7-signature\"; boundary=s\n\npreamble \n--s\n"
                 "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
                 "quoted-printable\n\nHello =  \n--s\nContent-Type: "
                 "application/pkcs7-signature\n\nAAAA\n--s--\n"},
        KeptCase{
            "signed_within_a_list_mail",
            "Content-Type: multipart/mixed; boundary=m\n\n--m\n"
            "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; "
            "boundary=s\n\n--s\nX-Odd: 1\n\nHello  \n\n--s\nContent-Type: "
            "application/pgp-signature; name=signature.asc\n\nsig\n--s--\n--m\n\nfooter\n--m--\n"},
        KeptCase{"flowed_text", "Content-Type: text/plain; format=flowed; delsp=yes\n\na \nb\n"},
        KeptCase{"third_alternative",
                 "Content-Type: multipart/alternative; boundary=a\n\n--a\n\nplain\n--a\n"
                 "Content-Type: text/x-amp-html\n\n<html amp4email>\n--a\nContent-Type: "
                 "text/html\n\n<p>html</p>\n--a--\n"},
        KeptCase{"calendar",
                 "Content-Type: multipart/alternative; boundary=a\n\n--a\n\nplain\n--a\n"
                 "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--a--\n"},
        KeptCase{"text_behind_a_picture",
                 "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nbefore\n--a\nContent-Type: "
                 "image/png; name=a.png\n\nPNG\n--a\n\nbehind\n--a--\n"},
        KeptCase{"digest",
                 "Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: one\n\n1\n--d\n\n"
                 "Subject: two\n\n2\n--d--\n"},
        KeptCase{
            "report",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\n"
            "It failed.\n--r\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; "
            "a\n\nFinal-Recipient: rfc822; x@b.example\nAction: failed\nStatus: 5.1.1\n--r\n"
            "Content-Type: text/rfc822-headers\n\nSubject: s\n--r--\n"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ReadMessage, SecuredMailsHaveTheirClasses) {
  const auto signed_mail = read(
      "Content-Type: multipart/signed; protocol=x; boundary=s\n\n--s\n\nHello\n--s\n"
      "Content-Type: application/pkcs7-signature\n\nAAAA\n--s--\n");
  EXPECT_EQ(signed_mail.message.get(mapi::PR_MESSAGE_CLASS), "IPM.Note.SMIME.MultipartSigned");
  EXPECT_EQ(signed_mail.message.get(mapi::PR_BODY), "Hello");
  EXPECT_EQ(signed_mail.message.attachments.size(), 1U);
  const auto opaque = read(
      "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n"
      "Content-Transfer-Encoding: base64\n\nAAECAw==\n");
  EXPECT_EQ(opaque.message.get(mapi::PR_MESSAGE_CLASS), "IPM.Note.SMIME");
  EXPECT_THAT(file_of(opaque.message), HasSubstr("smime-type=enveloped-data"));
  const auto report = read(
      "Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nDone.\n"
      "--r\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n"
      "Final-Recipient: rfc822; x@b.example\nAction: delivered\nStatus: 2.0.0\n--r--\n");
  EXPECT_EQ(report.message.get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.DR");
}

mapi::PropertyValue named(const mapi::Message& message, const mapi::Guid& set,
                          std::uint32_t number) {
  const auto* value = message.find(mapi::PropertyName{set, number});
  return value == nullptr ? mapi::PropertyValue{} : *value;
}

std::string invitation(std::string_view method, std::string_view event) {
  return "Subject: Talk\nContent-Type: multipart/alternative; boundary=a\n\n--a\n\nplain\n--a\n"
         "Content-Type: text/calendar; charset=utf-8; method=" +
         std::string(method) + "\n\nBEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:" + std::string(method) +
         "\nBEGIN:VTIMEZONE\nTZID:Here\nBEGIN:STANDARD\nDTSTART:16010101T000000\n"
         "TZOFFSETFROM:+0200\nTZOFFSETTO:+0200\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\n"
         "UID:abc@a.example\nSEQUENCE:3\nDTSTAMP:20240101T000000Z\n" +
         std::string(event) + "END:VEVENT\nEND:VCALENDAR\n--a--\n";
}

TEST(ReadMessage, AnInvitationIsAMeetingAndGoesOutAsItCame) {
  const auto mail = mail_of(invitation(
      "REQUEST", "DTSTART;TZID=Here:20240601T093000\nDURATION:PT90M\nLOCATION:Room\\, 1\n"));
  const auto [message, losses] = read_message(mapi::Content::from_text(mail));
  EXPECT_THAT(losses, IsEmpty());
  EXPECT_EQ(message.get(mapi::PR_MESSAGE_CLASS), "IPM.Schedule.Meeting.Request");
  const auto& appointment = mapi::PSETID_Appointment;
  const auto begin = std::get<mapi::FileTime>(named(message, appointment, 0x820D));
  const auto end = std::get<mapi::FileTime>(named(message, appointment, 0x820E));
  EXPECT_EQ(begin.unix_seconds(), 1717227000) << "07:30 UTC";
  EXPECT_EQ(end.unix_seconds() - begin.unix_seconds(), 90 * 60);
  EXPECT_EQ(named(message, appointment, 0x8208), mapi::PropertyValue(std::string("Room, 1")));
  EXPECT_EQ(named(message, appointment, 0x8201), mapi::PropertyValue(3));
  EXPECT_EQ(named(message, appointment, 0x8215), mapi::PropertyValue(false));
  const auto again = file_of(message);
  EXPECT_THAT(again, HasSubstr(mail.substr(mail.find("--a\r\n"))));
  EXPECT_THAT(again, Not(HasSubstr("multipart/mixed"))) << "no second calendar";
}

TEST(ReadMessage, AMeetingsIdIsItsUidAgain) {
  auto message = read(invitation("REQUEST", "DTSTART:20240601T093000Z\n")).message;
  message.attachments.clear();  // the calendar as it came
  EXPECT_THAT(file_of(message), HasSubstr("UID:abc@a.example\r\n"));
}

TEST(ReadMessage, MeetingsHaveTheClassOfTheirMethod) {
  const auto class_of = [](std::string_view method, std::string_view event) {
    return std::string(
        read(invitation(method, "DTSTART;VALUE=DATE:20240601\n" + std::string(event)))
            .message.get_or(mapi::PR_MESSAGE_CLASS, ""));
  };
  EXPECT_EQ(class_of("CANCEL", ""), "IPM.Schedule.Meeting.Canceled");
  EXPECT_EQ(class_of("PUBLISH", ""), "IPM.Appointment");
  EXPECT_EQ(class_of("REPLY", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@a.example\n"),
            "IPM.Schedule.Meeting.Resp.Pos");
  EXPECT_EQ(class_of("REPLY", "ATTENDEE;PARTSTAT=DECLINED:mailto:a@a.example\n"),
            "IPM.Schedule.Meeting.Resp.Neg");
  EXPECT_EQ(class_of("REPLY", "ATTENDEE;PARTSTAT=TENTATIVE:mailto:a@a.example\n"),
            "IPM.Schedule.Meeting.Resp.Tent");
  EXPECT_EQ(class_of("REFRESH", ""), "IPM.Note");
}

TEST(ReadMessage, ACalendarThatIsNoneIsKeptOnly) {
  for (const auto* event : {"", "DTSTART:never\n", "RRULE:FREQ=SECONDLY;COUNT=99999999\n"}) {
    EXPECT_NO_THROW(file_of(read(invitation("REQUEST", event)).message)) << event;
  }
}

TEST(BeginsAsMail, KnowsMailsByTheirFields) {
  for (const auto* mail : {"Subject: x\r\n\r\n", "From joe Mon\nReceived: x\n\tmore\n\n",
                           "X-First: 1\nMIME-Version: 1.0\n\n", "\xEF\xBB\xBFTo: a\n\n",
                           "To: a\rX-Odd: b\r\rText\r", "From: a\nTo: b\nno empty line\n"}) {
    EXPECT_TRUE(begins_as_mail(mail)) << mail;
  }
  for (const auto* other : {"", "\n", "%PDF-1.4\n", "hello: world\n\n", "key: value\nplain text\n",
                            " Subject: x\n\n", "Subject\n", "Subject: x\nno mail\n"}) {
    EXPECT_FALSE(begins_as_mail(other)) << other;
  }
}

}  // namespace
}  // namespace postern::mime
