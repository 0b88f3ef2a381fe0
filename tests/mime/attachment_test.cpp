// Attachments of every kind as parts: mapi-to-mime.md §§3.3, 6.1, 6.2, 6.5, 6.6.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "mime/attachment/file_name.h"
#include "mime/attachment/media_type.h"
#include "tests/losses.h"
#include "tests/mime/mail.h"
#include "tests/mime/support.h"

namespace postern::mime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

mapi::Message with_attachment(const mapi::Attachment& attachment) {
  auto message = simple_message();
  message.attachments.push_back(attachment);
  return message;
}

nlohmann::json part_of(const mapi::Attachment& attachment) {
  return parsed(composed(with_attachment(attachment)))["parts"][1];
}

std::vector<std::string> sentences_of(const mapi::Attachment& attachment) {
  return sentences(compose(with_attachment(attachment), fixed_options()).losses);
}

mapi::Attachment plain_file(std::string_view name, std::string_view octets = "x",
                            std::string_view type = {}) {
  return mapi::make_attachment(name, mapi::Content::from_text(octets), type);
}

TEST(FileName, IsTheLastComponentWithoutWhatMisleads) {
  const std::vector<std::pair<std::string, std::string>> names{
      {"a.txt", "a.txt"},
      {"C:\\x\\a.txt", "a.txt"},
      {"/x/y\\z/a.txt", "a.txt"},
      {"re:attachment.*", "re:attachment.*"},
      {"a.txt. . ", "a.txt"},
      {"  a.txt", "a.txt"},
      {".profile", ".profile"},
      {".", ""},
      {"..", ""},
      {"x/..", ""},
      {"x/", ""},
      {" . . ", ""},
      {"a\tb\r\n.txt", "a b .txt"},
      {"\u202Egnp.exe", "gnp.exe"},
      {"a\u202A\u202B\u202C\u202D\u2066\u2067\u2068\u2069b", "ab"},
      {"\u202E..\u202C", ""},
      {"a\u2028b\u2029c\u0085d.txt", "abcd.txt"},
      {"\u05D0\u200F.txt", "\u05D0\u200F.txt"},
      {"emoji \U0001F3F0.png", "emoji \U0001F3F0.png"},
      {"bad\xFF.txt", "bad\uFFFD.txt"}};
  for (const auto& [path, name] : names) EXPECT_EQ(file_name(path), name) << path;
}

TEST(FileName, OfAnAttachedMessageIsItsWholeSubject) {
  const std::vector<std::pair<std::string, std::string>> subjects{
      {"AC/DC", "AC_DC.eml"},
      {"AW: Auftrag 225/2385: Angebot", "AW_ Auftrag 225_2385_ Angebot.eml"},
      {"C:\\temp\\", "C__temp_.eml"},
      {"*?\"<>|", "______.eml"},
      {" x ", "x.eml"},
      {"Wait...", "Wait....eml"},
      {"..", "message.eml"},
      {"", "message.eml"},
      {"\u202Ea\r\nb", "a b.eml"}};
  for (const auto& [subject, name] : subjects) EXPECT_EQ(embedded_message_name(subject), name);
}

TEST(FileName, OfAnAttachedMessageHasTheSubjectsPrefix) {
  auto inner = simple_message();
  inner.set(mapi::PR_SUBJECT,
            "\x01\x05"
            "AW: x/y");
  EXPECT_EQ(part_of(mapi::make_attachment(inner))["filename"], "AW_ x_y.eml");
  inner.erase(mapi::PR_SUBJECT);
  inner.set(mapi::PR_SUBJECT_PREFIX, "Re: ");
  inner.set(mapi::PR_NORMALIZED_SUBJECT, "x");
  EXPECT_EQ(part_of(mapi::make_attachment(inner))["filename"], "Re_ x.eml");
}

TEST(FileName, FallsBackFromTheLongNameToTheNumber) {
  mapi::Attachment attachment;
  attachment.data = mapi::Content::from_text("%PDF-1.4");
  EXPECT_EQ(part_of(attachment)["filename"], "attachment1.pdf");
  attachment.set(mapi::PR_ATTACH_EXTENSION, "txt");
  EXPECT_EQ(part_of(attachment)["filename"], "attachment1.txt");
  attachment.set(mapi::PR_DISPLAY_NAME, "shown.png");
  EXPECT_EQ(part_of(attachment)["filename"], "shown.png");
  attachment.set(mapi::PR_ATTACH_FILENAME, "SHORT~1.PNG");
  EXPECT_EQ(part_of(attachment)["filename"], "SHORT~1.PNG");
  attachment.set(mapi::PR_ATTACH_LONG_FILENAME, "..");
  EXPECT_EQ(part_of(attachment)["filename"], "SHORT~1.PNG");
  attachment.set(mapi::PR_ATTACH_LONG_FILENAME, "long.png");
  EXPECT_EQ(part_of(attachment)["filename"], "long.png");
}

TEST(FileName, IsWrittenForNewAndForOldReaders) {
  const auto octets = composed(with_attachment(plain_file("L\xC3\xA4nge" + std::string(60, 'x'))));
  EXPECT_THAT(octets, HasSubstr("\r\n filename*0*=utf-8''L%C3%A4nge"));
  EXPECT_THAT(octets, HasSubstr("filename*1*="));
  EXPECT_THAT(octets, HasSubstr("name=\"=?utf-8?"));
  EXPECT_THAT(octets, Not(HasSubstr("name*=")));
}

TEST(MediaType, IsTheTagWithoutParametersOrAGuess) {
  const std::vector<std::pair<std::string, std::string>> tags{
      {"image/gif; name=\"x\"", "image/gif"},
      {"IMAGE/JPG", "image/jpeg"},
      {"image/pjpeg", "image/jpeg"},
      {"application/mac-binhex40", "application/octet-stream"},
      {"application/applefile", "application/octet-stream"},
      {"message/partial", "application/octet-stream"},
      {"multipart/appledouble", "application/octet-stream"},
      {"image", "application/octet-stream"},
      {"im age/png", "application/octet-stream"},
      {"", "text/plain"}};
  for (const auto& [tag, type] : tags) {
    EXPECT_EQ(part_of(plain_file("x.txt", "x", tag))["type"], type) << tag;
  }
}

TEST(MediaType, OfANameWithoutExtensionComesFromTheStoredExtensionOrTheContent) {
  auto attachment = plain_file("Report", "GIF89a");
  EXPECT_EQ(part_of(attachment)["type"], "image/gif");
  attachment.set(mapi::PR_ATTACH_EXTENSION, ".pdf");
  EXPECT_EQ(part_of(attachment)["type"], "application/pdf");
  EXPECT_EQ(media_type_of_content("II*"), octet_stream);
  EXPECT_EQ(media_type_of_content(std::string("II*\0", 4)), "image/tiff");
  EXPECT_EQ(media_type_of_content("PK\x03\x04..xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
}

TEST(MediaType, ThatMustNotBeEncodedIsKeptForWhatNeedsNoEncoding) {
  const std::string clean = "Reporting-MTA: dns; x\r\n\r\n";
  for (const auto* type : {"message/delivery-status", "text/rfc822-headers"}) {
    const auto octets = composed(with_attachment(plain_file("x", clean, type)));
    EXPECT_THAT(octets, HasSubstr(std::string("Content-Type: ") + type + ';'));
    EXPECT_THAT(octets, HasSubstr("\r\n\r\n" + clean));
    for (const auto& dirty : {"\xE4\r\n" + clean, std::string("x\0", 2), "a\nb" + clean}) {
      const auto part = part_of(plain_file("x", dirty, type));
      EXPECT_EQ(part["type"], "application/octet-stream");
      EXPECT_EQ(content(part), dirty);
    }
  }
}

TEST(AttachmentPart, SaysItsTimesSizeAndDescription) {
  auto attachment = plain_file("a.txt", "12345");
  attachment.set(mapi::PR_DISPLAY_NAME, "What it is");
  attachment.set(mapi::PR_ATTACH_SIZE, 99);
  attachment.set(mapi::PR_CREATION_TIME,
                 mapi::FileTime::from(std::chrono::system_clock::from_time_t(0)));
  const auto part = part_of(attachment);
  EXPECT_EQ(header(part, "Content-Description"), "What it is");
  EXPECT_THAT(header(part, "Content-Disposition"),
              testing::AllOf(HasSubstr("size=\"5\""),
                             HasSubstr("creation-date=\"Thu, 01 Jan 1970 00:00:00 +0000\""),
                             Not(HasSubstr("modification-date"))));
  attachment.set(mapi::PR_DISPLAY_NAME, "a.txt");
  EXPECT_FALSE(has_header(part_of(attachment), "Content-Description"));
}

TEST(AttachmentPart, OctetsAreSentWhateverTheMethodSays) {
  for (const auto method : {0, 2, 4, 5, 7, 99}) {
    auto attachment = plain_file("other.eml", "From: a\r\n");
    attachment.set(mapi::PR_ATTACH_METHOD, method);
    attachment.set(mapi::PR_ATTACH_LONG_PATHNAME, "C:\\other.eml");
    const auto part = part_of(attachment);
    EXPECT_EQ(part["filename"], "other.eml") << method;
    EXPECT_EQ(content(part), "From: a\r\n") << method;
    EXPECT_THAT(sentences_of(attachment), IsEmpty());
  }
}

TEST(AttachmentPart, AReferenceIsATextThatNamesWhereTheFileIs) {
  for (const auto method : {2, 3, 4, 7}) {
    mapi::Attachment link;
    link.set(mapi::PR_ATTACH_METHOD, method);
    link.set(mapi::PR_ATTACHMENT_HIDDEN, true);
    link.set(mapi::PR_ATTACH_LONG_FILENAME, "Budget.xlsx");
    link.set(mapi::PR_ATTACH_LONG_PATHNAME, "https://files.example.com/a\r\nX: y");
    const auto part = part_of(link);
    EXPECT_EQ(part["type"], "text/plain");
    EXPECT_EQ(part["filename"], "Budget.xlsx.txt");
    EXPECT_EQ(part["disposition"], "inline");
    EXPECT_TRUE(has_line(content(part), "https://files.example.com/a X: y"));
    EXPECT_THAT(sentences_of(link), ElementsAre(HasSubstr("'Budget.xlsx' is a link to 'https:")));
  }
}

TEST(AttachmentPart, AReferenceMayOnlyHaveAShortPathOrNone) {
  mapi::Attachment link;
  link.set(mapi::PR_ATTACH_METHOD, 4);
  EXPECT_THAT(content(part_of(link)), HasSubstr("not said"));
  link.set(mapi::PR_ATTACH_PATHNAME, "\\\\server\\x.doc");
  EXPECT_THAT(content(part_of(link)), HasSubstr("\\\\server\\x.doc"));
}

TEST(AttachmentPart, AReferenceWithNoOctetsIsStillAReference) {
  auto link = plain_file("Budget.xlsx", "");
  link.set(mapi::PR_ATTACH_METHOD, 7);
  link.set(mapi::PR_ATTACH_LONG_PATHNAME, "https://files.example.com/a");
  EXPECT_THAT(content(part_of(link)), HasSubstr("https://files.example.com/a"));
}

TEST(AttachmentPart, WhatHoldsNothingIsSentEmptyWithAWarning) {
  for (const auto method : {0, 1, 5, 6}) {
    mapi::Attachment attachment;
    attachment.set(mapi::PR_ATTACH_METHOD, method);
    attachment.set(mapi::PR_ATTACH_LONG_FILENAME, "gone.doc");
    EXPECT_EQ(content(part_of(attachment)), "");
    EXPECT_THAT(sentences_of(attachment), ElementsAre(HasSubstr("'gone.doc' has no data")));
  }
}

class MacBinary : public testing::Test {
 protected:
  MacBinary() {
    header_[1] = 6;
    header_.replace(2, 6, "m\x8A.txt");
    header_[86] = 4;
    header_[90] = 3;
  }

  mapi::Attachment attachment(const std::string& octets) {
    const unsigned char oid[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x14, 0x03, 0x0B, 0x01};
    mapi::Attachment made;
    const auto bytes = std::as_bytes(std::span(oid));
    made.set(mapi::PR_ATTACH_ENCODING, mapi::Binary(bytes.begin(), bytes.end()));
    made.set(mapi::PR_ATTACH_MIME_TAG, "application/applefile");
    made.data = mapi::Content::from_text(octets);
    return made;
  }

  std::string header_ = std::string(128, '\0');
  const std::string padding_ = std::string(124, '\0');
};

TEST_F(MacBinary, OnlyTheDataForkIsSent) {
  const auto file = attachment(header_ + "data" + padding_ + "res");
  const auto part = part_of(file);
  EXPECT_EQ(content(part), "data");
  EXPECT_EQ(part["filename"], "m\xC3\xA4.txt");
  EXPECT_EQ(part["type"], "text/plain");
  EXPECT_THAT(sentences_of(file), ElementsAre(HasSubstr("resource fork")));
}

TEST_F(MacBinary, WhatIsNoneIsSentAsItIs) {
  header_[83] = '\x7F';  // longer than there is
  for (const auto& octets : {header_ + "data", header_.substr(0, 127), std::string("data")}) {
    EXPECT_EQ(content(part_of(attachment(octets))), octets);
  }
}

}  // namespace
}  // namespace postern::mime
