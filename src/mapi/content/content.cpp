#include "mapi/content.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "mapi/error.h"

namespace postern::mapi {
namespace {

class MemorySource final : public ContentSource, public std::enable_shared_from_this<MemorySource> {
 public:
  MemorySource(std::shared_ptr<const void> owner, std::span<const std::byte> octets)
      : owner_(std::move(owner)), octets_(octets) {}
  [[nodiscard]] std::uint64_t size() const override { return octets_.size(); }
  [[nodiscard]] std::unique_ptr<ContentReader> open() const override { return open_at(0); }
  [[nodiscard]] std::unique_ptr<ContentReader> open_at(std::uint64_t offset) const override {
    return std::make_unique<Reader>(shared_from_this(), offset);
  }

 private:
  class Reader final : public ContentReader {
   public:
    Reader(std::shared_ptr<const MemorySource> source, std::uint64_t offset)
        : rest_(source->octets_), source_(std::move(source)) {
      rest_ =
          rest_.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(offset, rest_.size())));
    }
    std::size_t read(std::span<std::byte> into) override {
      const auto count = std::min(into.size(), rest_.size());
      std::copy_n(rest_.data(), count, into.data());
      rest_ = rest_.subspan(count);
      return count;
    }

   private:
    std::span<const std::byte> rest_;
    std::shared_ptr<const MemorySource> source_;
  };

  std::shared_ptr<const void> owner_;
  std::span<const std::byte> octets_;
};

Failure file_failure(const std::filesystem::path& path, const char* what) {
  return system_failure(MAPI_E_DISK_ERROR, "'" + path.string() + "' " + what, errno);
}

class FileContentSource final : public ContentSource {
 public:
  explicit FileContentSource(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code error;
    size_ = std::filesystem::file_size(path_, error);
    if (error) {
      throw Failure(MAPI_E_NOT_FOUND,
                    "'" + path_.string() + "' cannot be read: " + error.message());
    }
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<ContentReader> open() const override { return open_at(0); }
  [[nodiscard]] std::unique_ptr<ContentReader> open_at(std::uint64_t offset) const override {
    return std::make_unique<Reader>(path_, offset);
  }

 private:
  class Reader final : public ContentReader {
   public:
    Reader(const std::filesystem::path& path, std::uint64_t offset)
        : path_(path), stream_(path, std::ios::binary) {
      if (!stream_) throw file_failure(path, "cannot be opened");
      stream_.seekg(static_cast<std::streamoff>(offset));
    }
    std::size_t read(std::span<std::byte> into) override {
      stream_.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
      if (stream_.bad()) throw file_failure(path_, "cannot be read");
      return static_cast<std::size_t>(stream_.gcount());
    }

   private:
    std::filesystem::path path_;
    std::ifstream stream_;
  };

  std::filesystem::path path_;
  std::uint64_t size_ = 0;
};

class EmptyReader final : public ContentReader {
 public:
  std::size_t read(std::span<std::byte>) override { return 0; }
};

/// Reads past `count` octets, or to the end.
void read_past(ContentReader& reader, std::uint64_t count) {
  std::array<std::byte, 16'384> block{};
  while (count > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), count));
    const auto read = reader.read(std::span(block).first(wanted));
    if (read == 0) return;
    count -= read;
  }
}

/// The next `length` octets of another reader.
class SliceReader final : public ContentReader {
 public:
  SliceReader(std::unique_ptr<ContentReader> reader, std::uint64_t length)
      : reader_(std::move(reader)), left_(length) {}

  std::size_t read(std::span<std::byte> into) override {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
    if (wanted == 0) return 0;
    const auto count = reader_->read(into.first(wanted));
    left_ = count == 0 ? 0 : left_ - count;
    return count;
  }

 private:
  std::unique_ptr<ContentReader> reader_;
  std::uint64_t left_;
};

class SliceSource final : public ContentSource {
 public:
  SliceSource(std::shared_ptr<const ContentSource> source, std::uint64_t offset,
              std::uint64_t length)
      : source_(std::move(source)), offset_(offset), length_(length) {}
  [[nodiscard]] std::uint64_t size() const override { return length_; }
  [[nodiscard]] std::unique_ptr<ContentReader> open() const override { return open_at(0); }
  [[nodiscard]] std::unique_ptr<ContentReader> open_at(std::uint64_t offset) const override {
    const auto start = std::min(offset, length_);
    return std::make_unique<SliceReader>(source_->open_at(offset_ + start), length_ - start);
  }

 private:
  std::shared_ptr<const ContentSource> source_;
  std::uint64_t offset_;
  std::uint64_t length_;
};

}  // namespace

std::unique_ptr<ContentReader> ContentSource::open_at(std::uint64_t offset) const {
  auto reader = open();
  read_past(*reader, offset);
  return reader;
}

Content Content::slice(std::uint64_t offset, std::uint64_t length) const {
  if (!source_) return {};
  return Content(std::make_shared<SliceSource>(source_, offset, length));
}

Content Content::from_bytes(std::vector<std::byte> bytes) {
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  return from_memory(owner, *owner);
}

Content Content::from_memory(std::shared_ptr<const void> owner, std::span<const std::byte> octets) {
  return Content(std::make_shared<MemorySource>(std::move(owner), octets));
}

Content Content::from_text(std::string_view text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return from_bytes({begin, begin + text.size()});
}

Content Content::from_file(const std::filesystem::path& path) {
  return Content(std::make_shared<FileContentSource>(path));
}

std::unique_ptr<ContentReader> Content::open() const {
  if (!source_) return std::make_unique<EmptyReader>();
  return source_->open();
}

bool Content::is_same_as(const Content& other) const {
  if (!source_ || !other.source_) return source_ == other.source_;
  return source_->is_same_as(*other.source_);
}

std::vector<std::byte> Content::read_all(std::uint64_t limit) const {
  if (size() > limit) {
    throw Failure(MAPI_E_TOO_BIG, "content of " + std::to_string(size()) +
                                      " octets is too big to be held in memory");
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(size()));
  std::size_t filled = 0;
  const auto reader = open();
  while (filled < bytes.size()) {
    const auto count = reader->read(std::span(bytes).subspan(filled));
    if (count == 0) break;
    filled += count;
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace postern::mapi
