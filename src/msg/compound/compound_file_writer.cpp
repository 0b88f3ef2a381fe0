#include "msg/compound/compound_file_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include <gsf/gsf-outfile-msole.h>
#include <gsf/gsf-outfile.h>
#include <gsf/gsf-output-stdio.h>
#include <gsf/gsf-output.h>
#include <gsf/gsf-utils.h>

#include "mapi/error.h"
#include "msg/compound/format_error.h"

namespace postern::msg {
namespace {

constexpr std::size_t block_size = 65'536;
constexpr std::uint64_t stream_limit = std::uint64_t{1} << 31U;  // [MS-CFB] 2.6.1
constexpr int deepest_storage = 32;
constexpr std::size_t max_copied_entries = 4096;

void swallow_log(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

/// libgsf registers its types on first use without a lock, and logs to standard error what it also
/// returns as an error.
void initialise_libgsf() {
  static std::once_flag once;
  std::call_once(once, [] {
    gsf_init();
    for (const char* domain : {"libgsf", "libgsf:msole"}) {
      g_log_set_handler(
          domain,
          static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL | G_LOG_FLAG_RECURSION),
          swallow_log, nullptr);
    }
  });
}

std::shared_ptr<GsfOutput> own(GsfOutput* output) {
  return {output, [](GsfOutput* held) { g_object_unref(held); }};
}

/// Octets in memory, as content.
class SpanReader final : public mapi::ContentReader {
 public:
  explicit SpanReader(std::span<const std::byte> octets) : octets_(octets) {}
  std::size_t read(std::span<std::byte> into) override {
    const auto count = std::min(into.size(), octets_.size());
    std::copy_n(octets_.begin(), count, into.begin());
    octets_ = octets_.subspan(count);
    return count;
  }

 private:
  std::span<const std::byte> octets_;
};

/// One copy of a storage with all in it, within bounds.
class StorageCopy {
 public:
  explicit StorageCopy(const CompoundFile& from) : from_(from), octets_left_(from.file().size()) {}

  void copy(const DirectoryEntry& storage, StorageWriter& to, int depth = 1) {
    if (depth > deepest_storage) throw FormatError("it is nested more than 32 deep");
    to.set_class_id(storage.class_id);
    for (const auto* child : storage.children) {
      if (entries_left_-- == 0) throw FormatError("it has more than 4,096 streams and storages");
      if (child->is_storage) {
        auto sub_storage = to.storage(child->name);
        copy(*child, sub_storage, depth + 1);
      } else {
        copy_stream(*child, to);
      }
    }
  }

 private:
  void copy_stream(const DirectoryEntry& stream, StorageWriter& to) {
    if (stream.size > octets_left_) throw FormatError("its streams are longer than the file");
    octets_left_ -= stream.size;
    to.stream(stream.name, stream.size, *read_extents(from_.file(), from_.extents(stream)));
  }

  const CompoundFile& from_;
  std::uint64_t octets_left_;
  std::size_t entries_left_ = max_copied_entries;
};

}  // namespace

struct StorageWriter::Sink {
  std::shared_ptr<GsfOutput> output;
  std::filesystem::path name;

  /// libgsf's compound file writer does not pass errors of its sink on: ask the sink itself.
  void require_good() const {
    const auto* error = gsf_output_error(output.get());
    if (error == nullptr) return;
    const bool full = error->code == ENOSPC || error->code == EDQUOT || error->code == EFBIG;
    throw mapi::Failure(full ? mapi::MAPI_E_NOT_ENOUGH_DISK : mapi::MAPI_E_DISK_ERROR,
                        "'" + name.string() + "' cannot be written: " + std::strerror(error->code));
  }
};

StorageWriter::StorageWriter(std::shared_ptr<void> storage, std::shared_ptr<Sink> sink)
    : storage_(std::move(storage)), sink_(std::move(sink)) {}

StorageWriter StorageWriter::storage(const std::string& name) {
  return {own(gsf_outfile_new_child(GSF_OUTFILE(storage_.get()), name.c_str(), TRUE)), sink_};
}

void StorageWriter::stream(const std::string& name, std::span<const std::byte> octets) {
  SpanReader reader(octets);
  stream(name, octets.size(), reader);
}

void StorageWriter::stream(const std::string& name, const mapi::Content& content) {
  stream(name, content.size(), *content.open());
}

void StorageWriter::stream(const std::string& name, std::uint64_t size,
                           mapi::ContentReader& reader) {
  if (size >= stream_limit) {
    throw mapi::Failure(mapi::MAPI_E_TOO_BIG, "'" + sink_->name.string() +
                                                  "' cannot be written: content of " +
                                                  std::to_string(size) + " octets is too big");
  }
  const auto output = own(gsf_outfile_new_child(GSF_OUTFILE(storage_.get()), name.c_str(), FALSE));
  std::vector<std::byte> block(static_cast<std::size_t>(std::min<std::uint64_t>(size, block_size)));
  auto left = size;
  while (left > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size()));
    const auto count = reader.read(std::span(block).first(wanted));
    if (count == 0) {
      throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA, "content of " + std::to_string(size) +
                                                         " octets ended " + std::to_string(left) +
                                                         " octets too early");
    }
    gsf_output_write(output.get(), count, reinterpret_cast<const guint8*>(block.data()));
    sink_->require_good();
    left -= count;
  }
  gsf_output_close(output.get());
  sink_->require_good();
}

void StorageWriter::set_class_id(const ClassId& class_id) {
  gsf_outfile_msole_set_class_id(GSF_OUTFILE_MSOLE(storage_.get()),
                                 reinterpret_cast<const guint8*>(class_id.data()));
}

CompoundFileWriter::CompoundFileWriter(std::FILE* file, std::filesystem::path name)
    : root_(nullptr, nullptr) {
  initialise_libgsf();
  const auto output = own(gsf_output_stdio_new_FILE(name.c_str(), file, TRUE));
  root_.sink_ = std::make_shared<StorageWriter::Sink>(StorageWriter::Sink{output, std::move(name)});
  root_.storage_ = own(GSF_OUTPUT(gsf_outfile_msole_new(output.get())));
}

void CompoundFileWriter::finish() {
  gsf_output_close(GSF_OUTPUT(root_.storage_.get()));
  root_.sink_->require_good();
}

void copy_storage(const CompoundFile& from, const DirectoryEntry& storage, StorageWriter& to) {
  StorageCopy(from).copy(storage, to);
}

}  // namespace postern::msg
