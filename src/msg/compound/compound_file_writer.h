// Writes compound files: libgsf behind value-like handles.
//
// Streams of 4096 octets and more go directly to the file; smaller ones are held in memory, 4096
// octets each, until `finish`. One stream is written at a time, from one thread. Throws
// mapi::Failure that names the file (MAPI_E_NOT_ENOUGH_DISK, MAPI_E_DISK_ERROR; MAPI_E_TOO_BIG for
// a stream of 2 GiB and more, which the format cannot hold).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "mapi/content.h"
#include "msg/compound/compound_file.h"

namespace postern::msg {

class StorageWriter {
 public:
  StorageWriter storage(const std::string& name);
  void stream(const std::string& name, std::span<const std::byte> octets);
  /// Reads the content block by block. Throws MAPI_E_CORRUPT_DATA if it does not have its size().
  void stream(const std::string& name, const mapi::Content& content);
  void stream(const std::string& name, std::uint64_t size, mapi::ContentReader& reader);
  void set_class_id(const ClassId& class_id);

 private:
  friend class CompoundFileWriter;
  struct Sink;
  StorageWriter(std::shared_ptr<void> storage, std::shared_ptr<Sink> sink);

  std::shared_ptr<void> storage_;  ///< a GsfOutfile, whose type stays out of this header
  std::shared_ptr<Sink> sink_;
};

class CompoundFileWriter {
 public:
  /// Writes to `file`, which stays the caller's; `name` is for error messages.
  CompoundFileWriter(std::FILE* file, std::filesystem::path name);

  StorageWriter& root() { return root_; }
  /// Completes the file. Without it the file is no compound file.
  void finish();

 private:
  StorageWriter root_;
};

/// Copies everything in a storage. Throws FormatError for a damaged stream, and beyond the limits
/// of an OLE object: 32 storages deep, 4,096 entries, streams together as long as the file.
void copy_storage(const CompoundFile& from, const DirectoryEntry& storage, StorageWriter& to);

}  // namespace postern::msg
