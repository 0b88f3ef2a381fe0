#include "msg/compound/ole_content.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <optional>
#include <utility>

#include "mapi/error.h"
#include "msg/compound/format_error.h"
#include "msg/compound_streams.h"

namespace postern::msg {
namespace {

using TemporaryFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

mapi::Failure temporary_file_failure() {
  return mapi::system_failure(mapi::MAPI_E_DISK_ERROR,
                              "a temporary file for an OLE object cannot be written", errno);
}

TemporaryFile make_temporary_file() {
  TemporaryFile file(std::tmpfile(), &std::fclose);
  if (!file) throw temporary_file_failure();
  return file;
}

InputFile reopen_for_reading(TemporaryFile file, const char* name) {
  if (std::fflush(file.get()) != 0) throw temporary_file_failure();
  return InputFile::adopt(file.release(), name);
}

InputFile copy_to_file(const CompoundFile& file, const DirectoryEntry& storage) {
  auto copy = make_temporary_file();
  CompoundFileWriter writer(copy.get(), file.file().path());
  copy_storage(file, storage, writer.root());
  writer.finish();
  return reopen_for_reading(std::move(copy), "the copy of an OLE object");
}

class OleContent final : public mapi::ContentSource {
 public:
  OleContent(const CompoundFile& file, const DirectoryEntry& storage)
      : path_(file.file().path()),
        identity_(file.file().identity()),
        entry_(file.index_of(storage)) {}

  [[nodiscard]] std::uint64_t size() const override { return copy().size(); }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return read_extents(copy(), {{0, copy().size()}});
  }

  [[nodiscard]] const InputFile& copy() const {
    const std::lock_guard lock(mutex_);
    if (!copy_) copy_ = make_copy();
    return *copy_;
  }

 private:
  InputFile make_copy() const {
    try {
      const CompoundFile file(InputFile::open_again(path_, identity_));
      return copy_to_file(file, file.entry(entry_));
    } catch (const FormatError& damage) {
      throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA, "an OLE object in '" + path_.string() +
                                                         "' cannot be read: " + damage.what());
    }
  }

  std::filesystem::path path_;
  FileIdentity identity_;
  std::size_t entry_;
  mutable std::mutex mutex_;
  mutable std::optional<InputFile> copy_;
};

InputFile spool(const mapi::Content& content) {
  auto file = make_temporary_file();
  std::array<std::byte, 16'384> block{};
  const auto reader = content.open();
  while (const auto count = reader->read(block)) {
    if (std::fwrite(block.data(), 1, count, file.get()) != count) throw temporary_file_failure();
  }
  return reopen_for_reading(std::move(file), "the copy of an OLE object");
}

/// The content as a compound file, or nullopt if it is none.
std::optional<CompoundFile> open_compound_file(const mapi::Content& content) {
  const auto* object = dynamic_cast<const OleContent*>(content.source().get());
  try {
    return CompoundFile(object != nullptr ? object->copy() : spool(content));
  } catch (const FormatError&) {
    return std::nullopt;
  }
}

/// A stream of content that is a compound file. If that is no file already, a copy of it is made
/// for each reading: a reader of content cannot go back, and a copy that is kept would cost a
/// descriptor.
class CompoundStream final : public mapi::ContentSource {
 public:
  CompoundStream(mapi::Content file, std::string name, std::uint64_t size)
      : file_(std::move(file)), name_(std::move(name)), size_(size) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    const auto file = open_compound_file(file_);
    const auto* stream = file ? file->root().find_stream(name_) : nullptr;
    if (stream == nullptr) {
      throw mapi::Failure(mapi::MAPI_E_OBJECT_CHANGED, "an OLE object has changed");
    }
    return read_extents(file->file(), file->extents(*stream));
  }

 private:
  mapi::Content file_;
  std::string name_;
  std::uint64_t size_;
};

bool is_sound(const CompoundFile& file, const DirectoryEntry& stream) {
  try {
    return total_size(file.extents(stream)) == stream.size;
  } catch (const FormatError&) {
    return false;
  }
}

}  // namespace

std::map<std::string, mapi::Content> compound_streams(const mapi::Content& content,
                                                      std::span<const std::string_view> names) {
  std::map<std::string, mapi::Content> streams;
  const auto file = open_compound_file(content);
  if (!file) return streams;
  for (const auto name : names) {
    const auto* stream = file->root().find_stream(name);
    if (stream == nullptr || !is_sound(*file, *stream)) continue;
    streams.emplace(name, mapi::Content(std::make_shared<CompoundStream>(content, std::string(name),
                                                                         stream->size)));
  }
  return streams;
}

mapi::Content ole_content(const CompoundFile& file, const DirectoryEntry& storage) {
  return mapi::Content(std::make_shared<OleContent>(file, storage));
}

bool write_ole_storage(const mapi::Content& content, StorageWriter& parent,
                       const std::string& name) {
  const auto object = open_compound_file(content);
  if (!object) return false;
  auto storage = parent.storage(name);
  copy_storage(*object, object->root(), storage);
  return true;
}

}  // namespace postern::msg
