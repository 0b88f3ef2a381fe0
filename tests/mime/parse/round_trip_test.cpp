// What composing makes is read, and composed again as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "mime/read_message.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The boundaries are new each time, of the same length.
std::string without_boundaries(std::string mail) {
  constexpr std::string_view mark = "=_";
  for (auto at = mail.find(mark); at != std::string::npos; at = mail.find(mark, at + 1)) {
    const auto end = mail.find_first_not_of("0123456789abcdef", at + mark.size());
    mail.replace(at, end - at, "=_");
  }
  return mail;
}

mapi::PropertyName internet_header(std::string name) {
  return {mapi::PS_INTERNET_HEADERS, std::move(name)};
}

mapi::Message classified() {
  auto message = simple_message();
  for (const std::uint32_t flag : {0x85B5U, 0x85BAU}) {
    message.set({mapi::PSETID_Common, flag}, true);
  }
  message.set({mapi::PSETID_Common, std::uint32_t{0x85B6}}, std::string("Secret"));
  message.set({mapi::PSETID_Common, std::uint32_t{0x85B8}}, std::string("1"));
  return message;
}

mapi::Message with_named_ids() {
  auto message = simple_message();
  message.set(internet_header("References"), std::string("<1@a.example>"));
  message.set(internet_header("Reply-To"), std::string("Desk <desk@a.example>"));
  message.set(internet_header("X-Custom"), std::string("kept"));
  return message;
}

mapi::Message with_link() {
  auto message = simple_message();
  mapi::Attachment link;
  link.set(mapi::PR_ATTACH_METHOD, static_cast<std::int32_t>(mapi::AttachMethod::by_reference));
  link.set(mapi::PR_ATTACH_LONG_FILENAME, "Überblick.pdf");
  link.set(mapi::PR_ATTACH_LONG_PATHNAME, "H:\\Überblick.pdf");
  message.attachments.push_back(std::move(link));
  return message;
}

mapi::Message with_payload() {
  auto message = simple_message();
  auto file = mapi::make_attachment("a.bin", mapi::Content::from_text("octets"));
  file.set(mapi::PR_ATTACH_PAYLOAD_CLASS, "Class Ä");
  file.set(mapi::PR_ATTACH_PAYLOAD_PROV_GUID_STR, "guid");
  message.attachments.push_back(std::move(file));
  return message;
}

mapi::Message contact() {
  auto message = simple_message();
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Contact");
  message.set(std::uint16_t{0x3001}, std::string("Zoë Example"));
  return message;
}

mapi::Message with_picture_in_rtf() {
  auto message = simple_message();
  message.erase(mapi::PR_BODY);
  set_rtf(message, "{\\rtf1 a {\\pict\\pngblip 89504e470d0a1a0a} b}");
  return message;
}

mapi::Message read_receipt() {
  auto message = simple_message();
  message.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.IPNRN");
  return message;
}

mapi::Message attached_to_a_note(mapi::Message attached) {
  auto message = simple_message();
  message.attachments.push_back(mapi::make_attachment(std::move(attached)));
  message.attachments.push_back(mapi::make_attachment("a.txt", mapi::Content::from_text("a")));
  return message;
}

/// Names that look like encoded words are none.
mapi::Message with_names_like_encoded_words() {
  auto message = simple_message();
  message.recipients = {mapi::make_recipient(mapi::RecipientType::to, "bob@b.example",
                                             "=?utf-8?Q?B=C3=B6b?= \"=?utf-8?B?QQ==?=\"")};
  message.attachments.push_back(
      mapi::make_attachment("=?utf-8?Q?B=C3=B6b?=.txt", mapi::Content::from_text("a")));
  return message;
}

struct Made {
  const char* name;
  mapi::Message (*message)();
};
class RoundTrip : public testing::TestWithParam<Made> {};

TEST_P(RoundTrip, IsTheSameMail) {
  const auto mail = file_of(GetParam().message());
  const auto again = file_of(read_message(mapi::Content::from_text(mail)).message);
  EXPECT_EQ(without_boundaries(again), without_boundaries(mail));
}

INSTANTIATE_TEST_SUITE_P(
    Messages, RoundTrip,
    testing::Values(Made{"classified", classified}, Made{"named_ids", with_named_ids},
                    Made{"link", with_link}, Made{"payload", with_payload},
                    Made{"contact", contact},
                    Made{"names_like_encoded_words", with_names_like_encoded_words},
                    Made{"picture_in_rtf", with_picture_in_rtf}, Made{"read_receipt", read_receipt},
                    Made{"attached_contact", [] { return attached_to_a_note(contact()); }},
                    Made{"attached_receipt", [] { return attached_to_a_note(read_receipt()); }},
                    Made{"attached_link", [] { return attached_to_a_note(with_link()); }}),
    [](const auto& tested) { return tested.param.name; });

TEST(ReadAgain, PicturesOfTheRtfAreAttachmentsToReaders) {
  EXPECT_THAT(file_of(with_picture_in_rtf()), HasSubstr("X-MS-Has-Attach: yes\r\n"));
  EXPECT_THAT(file_of(read_receipt()), Not(HasSubstr("X-MS-Has-Attach")));
}

TEST(ReadAgain, ContentThatIsKeptSaysOfItselfWhetherItHasFiles) {
  const std::string content = "Content-Type: text/plain; format=flowed\r\n\r\nText\r\n";
  const auto read = [&](const std::string& header) {
    return file_of(read_message(mapi::Content::from_text(header + content)).message);
  };
  EXPECT_THAT(read("X-MS-Has-Attach: yes\r\n"), HasSubstr("X-MS-Has-Attach: yes\r\n"));
  EXPECT_THAT(read(""), Not(HasSubstr("X-MS-Has-Attach")));
}

/// RTF of nothing but a place for an attachment: HTML shows its name, so the text does, too.
TEST(ReadAgain, TheTextSaysWhatTheHtmlShows) {
  auto message = simple_message();
  message.set(mapi::PR_BODY, " \r\n");
  set_rtf(message, "{\\rtf1\\pard{\\objattph\\'20}\\par}");
  auto file = mapi::make_attachment("plan.pdf", mapi::Content::from_text("octets"));
  file.set(mapi::PR_RENDERING_POSITION, 0);
  message.attachments.push_back(std::move(file));
  const auto body = parsed(composed(message))["parts"][0];
  ASSERT_EQ(body["type"], "multipart/alternative");
  EXPECT_THAT(content(body["parts"][1]), HasSubstr("plan.pdf"));
  EXPECT_THAT(content(body["parts"][0]), HasSubstr("plan.pdf"));
}

struct Nested {
  const char* name;
  std::string tail;  ///< of the attached message, up to the end of the mail
  std::string kept;  ///< of it in what is composed again
};
class KeptWithin : public testing::TestWithParam<Nested> {};

TEST_P(KeptWithin, EndsWhereItEnded) {
  const std::string mail =
      "From: a@a.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nText\r\n"
      "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: b@b.example\r\n"
      "Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nplain\r\n--c\r\n"
      "Content-Type: text/calendar\r\n\r\nBEGIN\r\n";
  const auto read = read_message(mapi::Content::from_text(mail + GetParam().tail));
  const auto again = without_boundaries(file_of(read.message));
  EXPECT_THAT(again, testing::EndsWith("BEGIN\r\n" + GetParam().kept + "--=_--\r\n"));
}

INSTANTIATE_TEST_SUITE_P(
    Ends, KeptWithin,
    testing::Values(Nested{"at_once", "--c--\r\n--b--\r\n", "--c--\r\n"},
                    Nested{"behind_an_empty_line", "--c--\r\n\r\n--b--\r\n", "--c--\r\n\r\n"},
                    Nested{"behind_an_epilogue", "--c--\r\nend\r\n--b--\r\n", "--c--\r\nend\r\n"},
                    Nested{"lines_of_lf", "--c--\n--b--\n", "--c--\r\n"},
                    Nested{"with_the_mail", "--c--\r\n", "--c--\r\n\r\n"},
                    Nested{"unclosed", "--b--\r\n", ""}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace postern::mime
