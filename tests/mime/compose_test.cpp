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

mapi::Attachment file(std::string_view name, std::string_view octets, std::string_view type = {}) {
  return mapi::make_attachment(name, mapi::Content::from_text(octets), type);
}

std::string outline_of(const mapi::Message& message) {
  return outline(compose(message, fixed_options()));
}

TEST(Compose, TextIsOnePart) {
  auto message = simple_message();
  message.set(mapi::PR_BODY, "Hello,\nworld\r\n");
  EXPECT_EQ(composed(message),
            "Date: Wed, 09 Jul 2025 12:34:56 +0000\r\n"
            "From: sender@example.com\r\n"
            "To: to@example.com\r\n"
            "Message-ID: <01010101010101010101010101010101@mail.example.com>\r\n"
            "Subject: Subject\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=\"us-ascii\"\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "Hello,\r\nworld\r\n");
}

TEST(Compose, HtmlBecomesAnAlternativeBehindItsText) {
  auto message = simple_message();
  message.set(mapi::PR_BODY, "H\xC3\xA9llo");
  set_html(message, "<p>H\xC3\xA9llo</p>");
  EXPECT_EQ(composed(message),
            "Date: Wed, 09 Jul 2025 12:34:56 +0000\r\n"
            "From: sender@example.com\r\n"
            "To: to@example.com\r\n"
            "Message-ID: <01010101010101010101010101010101@mail.example.com>\r\n"
            "Subject: Subject\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/alternative;\r\n"
            " boundary=\"=_02020202020202020202020202020202\"\r\n"
            "\r\n"
            "--=_02020202020202020202020202020202\r\n"
            "Content-Type: text/plain; charset=\"utf-8\"\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            "\r\n"
            "SMOpbGxvDQo=\r\n"
            "--=_02020202020202020202020202020202\r\n"
            "Content-Type: text/html; charset=\"utf-8\"\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "<p>H=C3=A9llo</p>\r\n"
            "\r\n"
            "--=_02020202020202020202020202020202--\r\n");
}

TEST(Compose, PicturesTheHtmlShowsAreRelatedAndOthersMixed) {
  auto message = simple_message();
  set_html(message, "<img src=\"cid:Pic%40x\"><img src=\"image2.png\">");
  message.attachments.push_back(file("picture.png", "PNG1", "image/png"));
  message.attachments.back().set(mapi::PR_ATTACH_CONTENT_ID, "<pic@x>");
  message.attachments.push_back(file("report.pdf", "PDF"));
  message.attachments.push_back(file("image2.png", "PNG2"));
  message.attachments.push_back(file("unseen.png", "PNG3"));
  message.attachments.back().set(mapi::PR_ATTACH_CONTENT_ID, "other@x");
  EXPECT_EQ(outline_of(message),
            "multipart/mixed\n"
            "  multipart/related\n"
            "    multipart/alternative\n"
            "      text/plain 7bit 6\n"
            "      text/html quoted-printable 94\n"
            "    image/png base64 \"picture.png\" 4\n"
            "    image/png base64 \"image2.png\" 4\n"
            "  application/pdf base64 \"report.pdf\" 3\n"
            "  image/png base64 \"unseen.png\" 4\n");
  const auto mail = parsed(composed(message));
  const auto& related = mail["parts"][0];
  EXPECT_THAT(header(related, "Content-Type"), HasSubstr("type=\"multipart/alternative\""));
  EXPECT_EQ(related["parts"][1]["cid"], "<pic@x>");
  EXPECT_EQ(related["parts"][1]["disposition"], "inline");
  EXPECT_THAT(related["parts"][2]["cid"].get<std::string>(), HasSubstr("<part3."));
  EXPECT_EQ(mail["parts"][2]["disposition"], "attachment");
  EXPECT_EQ(content(mail["parts"][1]), "PDF");
}

TEST(Compose, NothingIsInlineInAPlainTextMessage) {
  auto message = simple_message();
  message.attachments.push_back(file("picture.png", "PNG", "image/png"));
  message.attachments.back().set(mapi::PR_ATTACH_CONTENT_ID, "pic@x");
  message.attachments.back().set(mapi::PR_ATTACH_FLAGS, 4);
  EXPECT_EQ(outline_of(message),
            "multipart/mixed\n"
            "  text/plain 7bit 6\n"
            "  image/png base64 \"picture.png\" 3\n");
}

TEST(Compose, AnEmbeddedMessageIsAWholeMessageWithoutItsBcc) {
  auto inner = simple_message();
  inner.set(mapi::PR_SUBJECT, "Inner: \xC3\xBC");
  inner.set(mapi::PR_BODY, "\xC3\xBC");
  inner.set(mapi::PR_CLIENT_SUBMIT_TIME,
            mapi::FileTime::from(std::chrono::system_clock::from_time_t(0)));
  inner.recipients.push_back(mapi::make_recipient(mapi::RecipientType::bcc, "secret@example.com"));
  inner.attachments.push_back(file("data.bin", random_octets(1, 300)));
  auto message = simple_message();
  message.recipients.push_back(
      mapi::make_recipient(mapi::RecipientType::bcc, "hidden@example.com", "Hidden"));
  message.attachments.push_back(mapi::make_attachment(inner));
  const auto octets = composed(message);
  EXPECT_THAT(octets, Not(HasSubstr("secret@")));
  EXPECT_THAT(octets, Not(HasSubstr("idden")));
  const auto mail = parsed(octets);
  const auto& part = mail["parts"][1];
  EXPECT_EQ(part["type"], "message/rfc822");
  EXPECT_EQ(part["filename"], "Inner_ \xC3\xBC.eml");
  const auto& embedded = part["parts"][0];
  EXPECT_EQ(header(embedded, "Subject"), "Inner: \xC3\xBC");
  EXPECT_EQ(header(embedded, "Date"), "Thu, 01 Jan 1970 00:00:00 +0000");
  EXPECT_FALSE(has_header(embedded, "Message-ID"));
  EXPECT_EQ(content(embedded["parts"][1]), random_octets(1, 300));
}

TEST(Compose, EmbeddedMessagesKeepTheirMessageIdAndTakeTheParentsDate) {
  auto inner = simple_message();
  inner.set(mapi::PR_INTERNET_MESSAGE_ID, "inner@example.com");
  auto message = simple_message();
  message.attachments.push_back(mapi::make_attachment(inner));
  const auto embedded = parsed(composed(message))["parts"][1]["parts"][0];
  EXPECT_EQ(header(embedded, "Message-ID"), "<inner@example.com>");
  EXPECT_EQ(header(embedded, "Date"), "Wed, 09 Jul 2025 12:34:56 +0000");
}

TEST(Compose, MessagesNestedTooDeeplyAreRefused) {
  auto message = simple_message();
  for (int depth = 0; depth < 32; ++depth) {
    auto outer = simple_message();
    outer.attachments.push_back(mapi::make_attachment(std::move(message)));
    message = std::move(outer);
  }
  EXPECT_EQ(parsed(composed(message))["parts"].size(), 2U);
  auto outer = simple_message();
  outer.attachments.push_back(mapi::make_attachment(std::move(message)));
  try {
    compose(outer, fixed_options());
    ADD_FAILURE();
  } catch (const mapi::Failure& failure) {
    EXPECT_EQ(failure.code(), mapi::MAPI_E_TOO_COMPLEX);
  }
}

TEST(Compose, AMessageThatMultipliesByAttachingTheSameTwiceIsRefused) {
  auto message = simple_message();
  for (int depth = 0; depth < 25; ++depth) {
    auto outer = simple_message();
    outer.attachments.push_back(mapi::make_attachment(std::move(message)));
    outer.attachments.push_back(outer.attachments.front());
    message = std::move(outer);
  }
  EXPECT_THROW(compose(message, fixed_options()), mapi::Failure);
}

TEST(Compose, TheSameObjectGivesTheSameOctets) {
  auto message = simple_message();
  set_html(message, "<b>x</b>");
  message.attachments.push_back(file("a.bin", random_octets(3, 5000)));
  const auto plan = compose(message, fixed_options());
  const auto once = octets_of(plan.content());
  EXPECT_EQ(octets_of(plan.content(), 1), once);
  EXPECT_EQ(octets_of(plan.content(), 100'000), once);
  EXPECT_EQ(octets_of(compose(message, fixed_options()).content()), once);
}

TEST(Compose, BoundariesAndMessageIdsDifferWithoutAFixedSource) {
  auto message = simple_message();
  message.attachments.push_back(file("a", "b"));
  const auto first = compose(message, {});
  const auto second = compose(message, {});
  EXPECT_NE(first.message_id, second.message_id);
  EXPECT_NE(octets_of(first.content()), octets_of(second.content()));
}

TEST(Compose, TheMessageIdIsKeptOrRepairedOrNew) {
  auto message = simple_message();
  message.set(mapi::PR_INTERNET_MESSAGE_ID, " kept@example.com ");
  EXPECT_EQ(compose(message, fixed_options()).message_id, "<kept@example.com>");
  for (const auto* bad : {"<no at sign>", "<@x>", "<a@>", "<a@b> <c@d>", "<a@b\r\nBcc: x@y>", ""}) {
    message.set(mapi::PR_INTERNET_MESSAGE_ID, bad);
    EXPECT_EQ(compose(message, fixed_options()).message_id,
              "<01010101010101010101010101010101@mail.example.com>")
        << bad;
  }
}

TEST(Compose, AMessageIdThatIsNoneIsLeftOutOfAFileAndToldOf) {
  auto options = fixed_options();
  options.is_file = true;
  auto message = simple_message();
  message.set(mapi::PR_INTERNET_MESSAGE_ID, "no id");
  auto outer = simple_message();
  outer.set(mapi::PR_INTERNET_MESSAGE_ID, "");
  outer.attachments.push_back(mapi::make_attachment(message));
  for (const auto& each : {message, outer}) {
    const auto plan = compose(each, options);
    EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("the Message-ID 'no id' is none")));
    EXPECT_THAT(octets_of(plan.content()), Not(HasSubstr("Message-ID")));
  }
}

TEST(Compose, WithoutASenderItTakesTheDefaultOrRefuses) {
  auto message = simple_message();
  for (const auto tag :
       {mapi::PR_SENT_REPRESENTING_ADDRTYPE, mapi::PR_SENT_REPRESENTING_NAME,
        mapi::PR_SENT_REPRESENTING_EMAIL_ADDRESS, mapi::PR_SENT_REPRESENTING_SMTP_ADDRESS}) {
    message.erase(tag);
  }
  message.erase(mapi::PR_SENT_REPRESENTING_ENTRYID);
  message.erase(mapi::PR_SENT_REPRESENTING_SEARCH_KEY);
  auto options = fixed_options();
  try {
    compose(message, options);
    ADD_FAILURE();
  } catch (const mapi::Failure& failure) {
    EXPECT_EQ(failure.code(), mapi::MAPI_E_INVALID_PARAMETER);
  }
  options.default_from = "default@example.com";
  const auto plan = compose(message, options);
  EXPECT_EQ(plan.reverse_path, "default@example.com");
  EXPECT_THAT(sentences(plan.losses), ElementsAre(HasSubstr("default@example.com")));
  options.default_from = "not an address";
  EXPECT_THROW(compose(message, options), mapi::Failure);
  EXPECT_THROW(check(message, options), mapi::Failure);
}

TEST(Compose, ByValueAttachmentsSurviveOctetForOctet) {
  auto message = simple_message();
  std::vector<std::string> originals;
  for (const std::size_t size : {0U, 1U, 56U, 57U, 58U, 114U, 29184U, 29185U, 100000U}) {
    originals.push_back(random_octets(static_cast<std::uint32_t>(size), size));
    message.attachments.push_back(file("f" + std::to_string(size) + ".bin", originals.back()));
  }
  message.attachments.push_back(
      file("status", "Reporting-MTA: dns; x\nbare\n", "message/delivery-status"));
  originals.emplace_back("Reporting-MTA: dns; x\nbare\n");
  const auto mail = parsed(composed(message));
  ASSERT_EQ(mail["parts"].size(), originals.size() + 1);
  for (std::size_t i = 0; i < originals.size(); ++i) {
    EXPECT_EQ(content(mail["parts"][i + 1]), originals[i]) << i;
  }
}

TEST(Compose, FileNamesAreReducedAndNeverEmpty) {
  auto message = simple_message();
  for (const auto* name : {"C:\\secret\\path\\r\xC3\xA9sum\xC3\xA9.doc", "../../etc/passwd",
                           "dots...", "\r\n\x01", "a\"b\\c;d.txt"}) {
    message.attachments.push_back(file(name, "x"));
  }
  const auto mail = parsed(composed(message));
  const char* expected[] = {"r\xC3\xA9sum\xC3\xA9.doc", "passwd", "dots", "attachment4", "c;d.txt"};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(mail["parts"][i + 1]["filename"], expected[i]);
  }
}

TEST(Compose, TypesThatWouldBeTakenForStructureAreReplaced) {
  auto message = simple_message();
  const std::vector<std::pair<std::string, std::string>> types{
      {"multipart/mixed; boundary=\"x\"", "application/octet-stream"},
      {"message/rfc822", "application/octet-stream"},
      {"message/external-body", "application/octet-stream"},
      {"text/html\r\nBcc: x@example.com", "application/octet-stream"},
      {"nonsense", "application/octet-stream"},
      {"image/pjpeg; name=\"x\"", "image/jpeg"},
      {"", "image/png"}};
  for (const auto& [tag, expected] : types) message.attachments.push_back(file("x.png", "x", tag));
  const auto mail = parsed(composed(message));
  for (std::size_t i = 0; i < types.size(); ++i) {
    EXPECT_EQ(mail["parts"][i + 1]["type"], types[i].second) << types[i].first;
  }
}

TEST(Compose, MissingDataAndReferencesAreSaidAloud) {
  auto message = simple_message();
  mapi::Attachment missing;
  missing.set(mapi::PR_ATTACH_LONG_FILENAME, "missing.doc");
  message.attachments.push_back(missing);
  mapi::Attachment link;
  link.set(mapi::PR_ATTACH_METHOD, 7);
  link.set(mapi::PR_ATTACH_LONG_FILENAME, "shared");
  link.set(mapi::PR_ATTACH_LONG_PATHNAME, "https://example.com/shared");
  message.attachments.push_back(link);
  const auto plan = compose(message, fixed_options());
  EXPECT_THAT(sentences(plan.losses),
              ElementsAre(HasSubstr("'missing.doc' has no data"), HasSubstr("is a link")));
  const auto mail = parsed(octets_of(plan.content()));
  EXPECT_EQ(content(mail["parts"][1]), "");
  EXPECT_THAT(content(mail["parts"][2]), HasSubstr("https://example.com/shared"));
}

TEST(Compose, WarningsOfEmbeddedMessagesSayWhere) {
  auto inner = simple_message();
  inner.set(mapi::PR_SUBJECT, "Inner");
  inner.attachments.emplace_back();
  auto message = simple_message();
  message.attachments.push_back(mapi::make_attachment(inner));
  EXPECT_THAT(sentences(compose(message, fixed_options()).losses),
              ElementsAre(HasSubstr("in the attached message 'Inner': the attachment")));
}

TEST(Compose, TextIsAsciiOrUtf8WhateverIsDeclared) {
  auto message = simple_message();
  for (const int page : {0, 1252, 932, 936, 20127, 50220, 65001, 99999}) {
    message.set(mapi::PR_INTERNET_CPID, page);
    message.set(mapi::PR_BODY, "plain");
    EXPECT_EQ(parsed(composed(message))["charset"], "us-ascii") << page;
    message.set(mapi::PR_BODY, "\xE6\x97\xA5\xE6\x9C\xAC \xE2\x82\xAC");
    const auto text = parsed(composed(message));
    EXPECT_EQ(text["charset"], "utf-8") << page;
    EXPECT_EQ(content(text), "\xE6\x97\xA5\xE6\x9C\xAC \xE2\x82\xAC\r\n") << page;
  }
}

TEST(Compose, TheMetaElementOfHtmlNamesTheCharsetOfThePart) {
  auto message = simple_message();
  set_html(message, "<meta charset=windows-1251><p>\xCF\xF0\xE8\xE2\xE5\xF2</p>\r\n");
  message.set(mapi::PR_INTERNET_CPID, 1251);
  auto part = parsed(composed(message))["parts"][1];
  EXPECT_EQ(part["charset"], "utf-8");
  EXPECT_EQ(content(part), "<meta charset=utf-8><p>Привет</p>\r\n");
  set_html(message, "<meta charset=windows-1251><p>plain</p>\r\n");
  part = parsed(composed(message))["parts"][1];
  EXPECT_EQ(part["charset"], "us-ascii");
  EXPECT_EQ(content(part), "<meta charset=utf-8><p>plain</p>\r\n");
}

TEST(Compose, OverrideFormatChoosesTheBodies) {
  auto message = simple_message();
  set_html(message, "<b>x</b>");
  message.set(mapi::PR_INETMAIL_OVERRIDE_FORMAT, 0x000A0000);
  EXPECT_EQ(outline_of(message), "text/html 7bit 10\n");
  message.set(mapi::PR_INETMAIL_OVERRIDE_FORMAT, 0x00020000);
  EXPECT_EQ(outline_of(message), "text/plain 7bit 6\n");
}

TEST(Compose, NoBodyIsEmptyText) {
  auto message = simple_message();
  message.erase(mapi::PR_BODY);
  EXPECT_EQ(outline_of(message), "text/plain 7bit 0\n");
  EXPECT_EQ(content(parsed(composed(message))), "");
}

}  // namespace
}  // namespace postern::mime
