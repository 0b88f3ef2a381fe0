#include "mapi/property_tags.h"
#include "tests/mime/loss/rows.h"
#include "tests/mime/mail.h"

namespace postern::mime {
namespace {

using enum mapi::LossKind;
using mapi::Message;

constexpr std::string_view body = "message/body.cpp";

void set_corrupt_rtf(Message& message) {
  message.set(mapi::PR_RTF_COMPRESSED, mapi::Binary(30, std::byte{1}));
}

/// LZFu, with another checksum than its own.
void set_rtf_with_wrong_checksum(Message& message) {
  constexpr unsigned char octets[] = {0x2D, 0x00, 0x00, 0x00, 0x2B, 0x00, 0x00, 0x00, 0x4C, 0x5A,
                                      0x46, 0x75, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x0A, 0x00,
                                      0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0A,
                                      0xF3, 0x20, 0x68, 0x65, 0x6C, 0x09, 0x00, 0x20, 0x62, 0x77,
                                      0x05, 0xB0, 0x6C, 0x64, 0x7D, 0x0A, 0x80, 0x0F, 0xA0};
  mapi::Binary bytes;
  for (const auto octet : octets) bytes.push_back(static_cast<std::byte>(octet));
  message.set(mapi::PR_RTF_COMPRESSED, bytes);
}

std::string very_many_references() {
  std::string html;
  for (int i = 0; i < 100'001; ++i) html += "<a href=#a>";
  return html + "x";
}

std::string rtf_out_of_proportion() {
  std::string rtf = "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \"http://a/" + std::string(1900, 'x') +
                    "\"}{\\fldrslt ";
  for (int i = 0; i < 100'000; ++i) rtf += "a\\par ";
  return rtf + "}}}";
}

std::vector<LossRow> rtf_rows() {
  return {
      {body, damaged, "body", "the RTF body is corrupt; the plain text body is sent",
       set_corrupt_rtf},
      {body, damaged, "body", "corrupt; there is no other",
       [](Message& m) {
         m.erase(mapi::PR_BODY);
         set_corrupt_rtf(m);
       }},
      {body, dropped, "body", "the RTF body is older",
       [](Message& m) {
         set_rtf(m, "{\\rtf1 older}");
         m.set(mapi::PR_RTF_IN_SYNC, false);
       }},
      {body, substituted, "body", "the RTF body holds what cannot be read",
       [](Message& m) { set_rtf(m, "{\\rtf1\\ansi\\ansicpg932 a\\'81\\'20}"); }},
      {body, damaged, "body", "the checksum of the RTF body is wrong", set_rtf_with_wrong_checksum},
      {body, dropped, "body", "too voluminous",
       [](Message& m) { set_rtf(m, rtf_out_of_proportion()); }},
      {body, dropped, "body", "the HTML body beside it, which differs",
       [](Message& m) {
         set_rtf(m, "{\\rtf1 true}");
         set_html(m, "<p>another</p>");
         m.set(mapi::PR_RTF_IN_SYNC, true);
       }},
      {body, dropped, "body", "pictures other than PNG and JPEG is left out: 1",
       [](Message& m) { set_rtf(m, "{\\rtf1 a{\\pict\\wmetafile8 0102}}"); }},
      {body, dropped, "body", "links to by URLs that are not safe is left out: 1",
       [](Message& m) {
         set_rtf(m, "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \"javascript:x\"}{\\fldrslt y}}}");
       }},
  };
}

std::vector<LossRow> html_rows() {
  constexpr std::string_view stored = "text/stored_html.cpp";
  constexpr std::string_view references = "attachment/content_ids.cpp";
  return {
      {body, dropped, "body", "asks to be sent as plain text",
       [](Message& m) {
         set_html(m, "<p>html</p>");
         m.set(mapi::PR_INETMAIL_OVERRIDE_FORMAT, 0x0002'0000);
       }},
      {stored, substituted, "body", "the HTML body holds what cannot be read",
       [](Message& m) { set_html(m, "\xEF\xBB\xBF<p>\xFF</p>"); }},
      {stored, guessed, "body", "nothing says in which code page the HTML body is",
       [](Message& m) {
         set_html(m, "<p>Gr\xFC\xDF</p>");
         m.erase(mapi::PR_INTERNET_CPID);
       }},
      {stored, guessed, "body", "not in code page 1252, as is declared",
       [](Message& m) {
         set_html(m, "<p>Grüße</p>");
         m.set(mapi::PR_INTERNET_CPID, 1252);
       }},
      {references, dropped, "body", "what the HTML shows as 'cid:b@x' is not attached",
       [](Message& m) { set_html(m, "<img src=cid:b@x>"); }},
      {references, dropped, "body", "more than 100000 references",
       [](Message& m) { set_html(m, very_many_references()); }},
      {references, guessed, "body", "taken for the attachment of that file name",
       [](Message& m) {
         m.attachments.push_back(mapi::make_attachment("a.png", mapi::Content::from_text("x")));
         set_html(m, "<img src=cid:a.png@01D>");
       }},
  };
}

}  // namespace

std::vector<LossRow> body_rows() {
  auto rows = rtf_rows();
  for (auto& row : html_rows()) rows.push_back(row);
  return rows;
}

}  // namespace postern::mime
