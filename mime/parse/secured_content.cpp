#include "mime/parse/secured_content.h"

#include <string>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/header/header_encoding.h"
#include "mime/parse/original.h"

namespace postern::mime {
namespace {

mapi::Attachment file(mapi::Content data, std::string_view name, std::string_view type) {
  auto attachment = mapi::make_attachment(name, std::move(data), type);
  attachment.set(mapi::PR_DISPLAY_NAME, std::string(name));
  return attachment;
}

/// The signed entity is the attachment; its text is shown beside it.
bool set_clear_signed(mapi::Message& message, const MailPart& root, const Reading& reading) {
  auto entity = entity_of(root, reading.mail);
  if (!entity || root.parts.size() != 2) return false;
  mapi::Message shown;
  set_content(shown, root.parts.front(), reading);
  for (const auto tag : {mapi::PR_BODY, mapi::PR_BODY_CONTENT_ID}) message.copy(tag, shown, tag);
  message.copy(mapi::PR_HTML, shown, mapi::PR_HTML);
  message.copy(mapi::PR_INTERNET_CPID, shown, mapi::PR_INTERNET_CPID);
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note.SMIME.MultipartSigned");
  message.attachments.push_back(file(*std::move(entity), "smime.p7m", "multipart/signed"));
  return true;
}

bool set_opaque(mapi::Message& message, const MailPart& root, const Reading& reading) {
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note.SMIME");
  message.set({mapi::PS_INTERNET_HEADERS, std::string("Content-Type")},
              one_line(root.field("Content-Type")));
  message.attachments.push_back(file(content_of(root, reading.mail), "smime.p7m", root.type.value));
  return true;
}

bool set_pgp_encrypted(mapi::Message& message, const MailPart& root, const Reading& reading) {
  if (root.parts.size() != 2 || !root.parts.front().is("application/pgp-encrypted")) return false;
  message.attachments.push_back(file(content_of(root.parts.front(), reading.mail), "version.txt",
                                     "application/pgp-encrypted"));
  message.attachments.push_back(file(content_of(root.parts.back(), reading.mail), "encrypted.asc",
                                     "application/octet-stream"));
  return true;
}

}  // namespace

bool set_secured_content(mapi::Message& message, const MailPart& root, const Reading& reading) {
  if (root.is("multipart/signed")) return set_clear_signed(message, root, reading);
  if (root.is("application/pkcs7-mime") || root.is("application/x-pkcs7-mime")) {
    return set_opaque(message, root, reading);
  }
  if (root.is("multipart/encrypted")) return set_pgp_encrypted(message, root, reading);
  return false;
}

}  // namespace postern::mime
