// The header of a mail as the properties and recipients of a message object: the table of
// mapi-to-mime.md §3.1 read from right to left.
#pragma once

#include "mapi/message.h"
#include "mime/parse/content_properties.h"
#include "mime/parse/mail_part.h"

namespace postern::mime {

/// Sets what the header says. Fields that no property stands for become text properties of
/// PS_INTERNET_HEADERS, except for those that describe the content.
void set_header_properties(mapi::Message& message, const MailPart& mail, const Reading& reading);

/// Whether it has fields that a message composed again will not have (named_headers.h): they tell
/// of the last journey.
bool has_fields_of_a_journey(const MailPart& mail);

}  // namespace postern::mime
