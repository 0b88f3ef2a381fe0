// OLE objects in attachments (PR_ATTACH_METHOD 6): a storage in the .msg outside, a compound file
// of its own inside Postern (mapi-to-mime.md §6.1).
#pragma once

#include "mapi/content.h"
#include "msg/compound/compound_file.h"
#include "msg/compound/compound_file_writer.h"

namespace postern::msg {

/// The storage as a compound file. It is made in a nameless temporary file when its size or its
/// octets are first asked for, and kept as long as the content; a .msg that is gone or changed by
/// then gives mapi::Failure.
mapi::Content ole_content(const CompoundFile& file, const DirectoryEntry& storage);

/// Writes content that is a compound file into a storage of another. False, and nothing written,
/// where the content is no compound file.
bool write_ole_storage(const mapi::Content& content, StorageWriter& parent,
                       const std::string& name);

}  // namespace postern::msg
