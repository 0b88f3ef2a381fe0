// Signed, encrypted and reporting mails as objects of the classes for them (mapi-to-mime.md §§7.4,
// 7.5, 8, from right to left).
#pragma once

#include "mapi/message.h"
#include "mime/parse/content_properties.h"

namespace postern::mime {

/// Sets class and attachments of a signed or encrypted mail. False: it is none, or what is secured
/// cannot be kept as it is.
bool set_secured_content(mapi::Message& message, const MailPart& root, const Reading& reading);

}  // namespace postern::mime
