// Reads and writes Outlook .msg files: mapi-to-mime.md §1 ([MS-OXMSG]).
//
// A file becomes a mapi::Message value: every property, recipient, attachment, embedded message
// and named property. Text becomes UTF-8 by the rules of §1.3, except that PR_HTML stored as 8-bit
// text stays binary, since the HTML itself names its charset. Attachment data is not loaded: the
// Content reads it from the file when it is opened, so the file must stay unchanged until then; if
// it is gone or changed, opening throws mapi::Failure (MAPI_E_NOT_FOUND, MAPI_E_OBJECT_CHANGED). An
// OLE object becomes a compound file of its own.
//
// Errors: mapi::Failure with one sentence that names the file; damage that can be left out becomes
// a loss that is told. Threads: the functions may be called from any threads at the same time.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "mapi/loss.h"
#include "mapi/message.h"

#pragma GCC visibility push(default)
namespace postern::msg {

/// A message that was read.
struct ReadResult {
  mapi::Message message;
  /// What was damaged and left out, replaced or guessed.
  std::vector<mapi::Loss> losses;
};

/// Throws mapi::Failure with one sentence that names the file: MAPI_E_NOT_FOUND (no such file, not
/// readable), MAPI_E_CORRUPT_DATA (empty, no compound file, no message in it, unreadable),
/// MAPI_E_TOO_COMPLEX (nested deeper than 32, more than 65,536 properties on one object, or one of
/// more than 256 MiB).
ReadResult read(const std::filesystem::path& path);

/// Whether the octets, the first of a file, begin a compound file, as a .msg is one.
bool begins_as_compound_file(std::string_view octets);

/// How texts are stored: PtypString or PtypString8 ([MS-OXCDATA] 2.11.1).
enum class StringType { unicode, string8 };

/// How a file is written.
struct WriteOptions {
  /// string8 writes texts in windows-1252, as old Outlooks did; other characters become '?'.
  StringType strings = StringType::unicode;
};

/// Writes the message as a new file; an existing file is replaced only once the new one is whole.
/// Attachment data is streamed. Properties that a .msg must have are added: PR_STORE_SUPPORT_MASK,
/// PR_ATTACH_METHOD, and with string8 PR_MESSAGE_CODEPAGE. Throws mapi::Failure (MAPI_E_NO_ACCESS,
/// MAPI_E_NOT_ENOUGH_DISK, MAPI_E_DISK_ERROR; MAPI_E_TOO_BIG for content of 2 GiB,
/// MAPI_E_TOO_COMPLEX for more than 32 levels or 32,767 names, MAPI_E_CORRUPT_DATA for content that
/// ends before its size) and whatever a content throws; no partial file is left then.
void write(const mapi::Message& message, const std::filesystem::path& path,
           const WriteOptions& options = {});

}  // namespace postern::msg
#pragma GCC visibility pop
