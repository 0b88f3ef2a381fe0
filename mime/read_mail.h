// A mail that came in as a message object, as far as it needs to be shown and kept: it is received,
// not converted. Subject, sender, time and Message-ID are those of its header; the mail itself is
// an attachment, octet by octet.
//
// Throws only what reading the content throws. May be called from any threads.
#pragma once

#include "mapi/content.h"
#include "mapi/file_time.h"
#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::mime {

/// An IPM.Note received at `now` that holds the mail as "mail.eml"; `body`, a text for people, says
/// why.
mapi::Message enclose_mail(const mapi::Content& mail, std::string_view body, mapi::FileTime now);

}  // namespace postern::mime
#pragma GCC visibility pop
