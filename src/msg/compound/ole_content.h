// OLE objects in attachments (PR_ATTACH_METHOD 6): a storage in the .msg, a compound file of its
// own inside Postern (mapi-to-mime.md §6.1).
#pragma once

#include "mapi/content.h"
#include "msg/compound/compound_file.h"
#include "msg/compound/compound_file_writer.h"

namespace postern::msg {

/// The storage as a compound file. It is made in an unnamed temporary file when its size or its
/// octets are first needed, and kept as long as the content; if the .msg is gone or changed by
/// then, mapi::Failure is thrown.
mapi::Content ole_content(const CompoundFile& file, const DirectoryEntry& storage);

/// Writes content that is a compound file into a storage of another. Returns false, and writes
/// nothing, if the content is no compound file.
bool write_ole_storage(const mapi::Content& content, StorageWriter& parent,
                       const std::string& name);

}  // namespace postern::msg
