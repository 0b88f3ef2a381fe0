// Reads and writes TNEF, the form in which Outlook sends a whole message object as one attachment
// (winmail.dat, application/ms-tnef): mapi-to-mime.md §9, [MS-OXTNEF].
//
// A stream becomes a mapi::Message value as a .msg does (msg_file.h): text becomes UTF-8 by the
// rules of §1.3, large attachment data is not loaded but stays a slice of the content, so the
// content must stay readable until then. What the older attributes beside the MAPI properties say
// becomes properties too, where no MAPI property says it.
//
// Errors: mapi::Failure with one sentence; damage that can be left out becomes a warning; what
// reading the content throws passes through. Threads: the functions may be called from any threads
// at the same time.
#pragma once

#include "mapi/content.h"
#include "mapi/message.h"
#include "msg/msg_file.h"

#pragma GCC visibility push(default)
namespace postern::msg {

/// Reads the content once, from its start to its end. Throws mapi::Failure: MAPI_E_CORRUPT_DATA (no
/// TNEF, or nothing in it), MAPI_E_TOO_COMPLEX (messages nested deeper than 32, more than 1,000,000
/// values, or one of more than 256 MiB).
ReadResult read_tnef(const mapi::Content& content);

}  // namespace postern::msg
#pragma GCC visibility pop
