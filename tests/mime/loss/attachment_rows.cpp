#include <memory>

#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "tests/mime/loss/rows.h"
#include "tests/mime/mail.h"
#include "tests/mime/ole_octets.h"

namespace postern::mime {
namespace {

using enum mapi::LossKind;
using namespace std::string_literals;
using mapi::Message;

constexpr std::string_view attachments = "message/attachment_part.cpp";
constexpr std::string_view clear_signed = "IPM.Note.SMIME.MultipartSigned";

void attach(Message& message, std::string_view name, std::string_view octets) {
  message.attachments.push_back(
      mapi::make_attachment(name, mapi::Content::from_text(std::string(octets))));
}

void attach_ole(Message& message, const std::string& octets) {
  attach(message, {}, octets);
  message.attachments.back().set(mapi::PR_ATTACH_METHOD, 6);
  message.attachments.back().set(mapi::PR_DISPLAY_NAME, "A sheet");
}

/// As one whose storage in a .msg leads in a circle.
class Damaged : public mapi::ContentSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return 1; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA, "it is damaged");
  }
};

void attach_damaged_ole(Message& message) {
  attach_ole(message, {});
  message.attachments.back().data = mapi::Content(std::make_shared<const Damaged>());
}

/// A file of four octets with a resource fork of three.
void attach_mac_file(Message& message) {
  auto header = std::string(128, '\0');
  header[1] = 6;
  header.replace(2, 6, "my.txt");
  header[86] = 4;
  header[90] = 3;
  attach(message, "my.txt", header + "data" + std::string(124, '\0') + "res");
  mapi::Binary encoding;
  for (const char c : "\x2A\x86\x48\x86\xF7\x14\x03\x0B\x01"s) {
    encoding.push_back(static_cast<std::byte>(c));
  }
  message.attachments.back().set(mapi::PR_ATTACH_ENCODING, encoding);
}

void attach_nothing(Message& message) {
  auto& attachment = message.attachments.emplace_back();
  attachment.set(mapi::PR_ATTACH_METHOD, 1);
  attachment.set(mapi::PR_ATTACH_LONG_FILENAME, "gone.doc");
}

void attach_link(Message& message) {
  auto& attachment = message.attachments.emplace_back();
  attachment.set(mapi::PR_ATTACH_METHOD, 2);
  attachment.set(mapi::PR_ATTACH_LONG_FILENAME, "far.doc");
  attachment.set(mapi::PR_ATTACH_LONG_PATHNAME, "H:\\far.doc");
}

void attach_contact_with_picture(Message& message) {
  Message contact;
  contact.set(mapi::PR_MESSAGE_CLASS, "IPM.Contact");
  contact.set(mapi::PR_DISPLAY_NAME, "Ann");
  attach(contact, "Ann.jpg", "picture");
  message.attachments.push_back(mapi::make_attachment(contact));
}

std::vector<LossRow> rows_of_files() {
  return {
      {attachments, dropped, "attachment 'my.txt'", "the resource fork", attach_mac_file},
      {attachments, dropped, "attachment 'A sheet'", "of the embedded object 'A sheet' only",
       [](Message& m) {
         const auto metafile = "\x01\0\x09\0\0\x03"s + std::string(20, 'w');
         attach_ole(m, compound_file({{"\x02OlePres000", presentation(3, metafile)}}));
       }},
      {attachments, substituted, "attachment 'A sheet'", "is sent as a compound file",
       [](Message& m) {
         attach_ole(m, compound_file({{"WordDocument", "x"}}));
       }},
      {attachments, damaged, "attachment 'A sheet'", "is damaged and sent empty",
       attach_damaged_ole},
      {attachments, damaged, "attachment 'gone.doc'", "'gone.doc' has no data", attach_nothing},
      {attachments, substituted, "attachment 'far.doc'", "is a link to 'H:\\far.doc'", attach_link},
      {attachments, dropped, "attachment 'Ann'", "the attached contact 'Ann' is sent as a vCard",
       attach_contact_with_picture},
  };
}

std::vector<LossRow> rows_of_secured_messages() {
  constexpr std::string_view signed_message = "message/signed_message.cpp";
  constexpr std::string_view pgp = "message/pgp_message.cpp";
  return {
      {"message/finished_entity.cpp", damaged, "body", "has a NUL or a line over 998 octets",
       [](Message& m) {
         m.set(mapi::PR_MESSAGE_CLASS, std::string(clear_signed));
         attach(m, "smime.p7m",
                "Content-Type: multipart/signed; boundary=b\r\n\r\n" + std::string(999, 'x'));
       }},
      {signed_message, substituted, "message", "of an S/MIME class but does not have exactly one",
       [](Message& m) { m.set(mapi::PR_MESSAGE_CLASS, "IPM.Note.SMIME"); }},
      {signed_message, substituted, "message", "of a clear-signed class but its attachment",
       [](Message& m) {
         m.set(mapi::PR_MESSAGE_CLASS, std::string(clear_signed));
         attach(m, "smime.p7m", "no header");
       }},
      {signed_message, substituted, "header Content-Type", "one made of the data stands in",
       [](Message& m) {
         m.set(mapi::PR_MESSAGE_CLASS, "IPM.Note.SMIME");
         m.set({mapi::PS_INTERNET_HEADERS, std::string("Content-Type")},
               std::string("application/pkcs7-mime; a=\"b"));
         attach(m, "smime.p7m", "data");
       }},
      {"message/original_entity.cpp", damaged, "message",
       "keeps of the mail that it was is damaged",
       [](Message& m) {
         attach(m, "original.mime", "no header");
         m.attachments.back().set(mapi::PR_POSTERN_ORIGINAL, 1);
       }},
      {pgp, dropped, "body", "the text that is stored beside it",
       [](Message& m) {
         attach(m, "a", "Version: 1\r\n");
         m.attachments.back().set(mapi::PR_ATTACH_MIME_TAG, "application/pgp-encrypted");
         attach(m, "b", "-----BEGIN PGP MESSAGE-----\r\n");
       }},
  };
}

}  // namespace

std::vector<LossRow> attachment_rows() {
  auto rows = rows_of_files();
  for (auto& row : rows_of_secured_messages()) rows.push_back(row);
  return rows;
}

}  // namespace postern::mime
