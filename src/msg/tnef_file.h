// Reads and writes TNEF, the form in which Outlook sends a whole message object as one attachment
// (winmail.dat, application/ms-tnef): mapi-to-mime.md §9, [MS-OXTNEF].
//
// A stream becomes a mapi::Message value as a .msg does (msg_file.h): text becomes UTF-8 by the
// rules of §1.3, large attachment data is not loaded but stays a slice of the content, so the
// content must stay readable until then. What the older attributes beside the MAPI properties say
// becomes properties too, where no MAPI property says it.
//
// Errors: mapi::Failure with one sentence; damage that can be left out is told
// (ReadResult::losses); what reading the content throws passes through. Threads: the functions may
// be called from any threads at the same time.
#pragma once

#include <string_view>

#include "mapi/content.h"
#include "mapi/message.h"
#include "msg/msg_file.h"

#pragma GCC visibility push(default)
namespace postern::msg {

/// Whether the octets, the first of a file, begin a stream of TNEF.
bool begins_as_tnef(std::string_view octets);

/// Reads the content once, from its start to its end. Throws mapi::Failure: MAPI_E_CORRUPT_DATA (no
/// TNEF, or nothing in it), MAPI_E_TOO_COMPLEX (messages nested deeper than 32, more than 1,000,000
/// values, or one of more than 256 MiB).
ReadResult read_tnef(const mapi::Content& content);

/// The message as TNEF. Its size is known at once; attachment data is read when the stream is. The
/// recipients of the message itself are left out, since the mail that carries it has them; so are,
/// at every depth, recipients of blind copies and their names, the properties that never leave a
/// store (0x6000 to 0x67FF), and the headers with which the message once arrived. Entry ids of
/// Exchange users become one-off ones. Throws mapi::Failure (MAPI_E_TOO_COMPLEX for more than 32
/// levels or 32,766 names on one object, MAPI_E_TOO_BIG for data of 4 GiB); reading the stream
/// throws MAPI_E_CORRUPT_DATA for data that ends before its size, and whatever a content throws.
mapi::Content tnef_of(const mapi::Message& message);

}  // namespace postern::msg
#pragma GCC visibility pop
