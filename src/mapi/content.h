// Content: octets of any size that can be read from the start as often as needed.
//
// Attachment data is never held as one string: a Content refers to its source (memory, file, .msg,
// store), and `open` returns a reader that reads block by block. It can be opened again, for a
// retry. A Content is a cheap value; copies share the source.
//
// Errors: open and read throw mapi::Failure if the source cannot be read. Threads: a Content may be
// opened from several threads; a reader is used by one thread at a time and may outlive the
// Content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/octet_reader.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

/// One pass over the octets. Throws mapi::Failure if the source cannot be read.
class ContentReader : public OctetReader {};

/// A source of octets. Implementations are immutable and may be opened from several threads.
class ContentSource {
 public:
  virtual ~ContentSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;  ///< in octets
  [[nodiscard]] virtual std::unique_ptr<ContentReader> open() const = 0;
  /// A pass that begins at `offset`. Here it reads what lies before; sources that can do without
  /// override it.
  [[nodiscard]] virtual std::unique_ptr<ContentReader> open_at(std::uint64_t offset) const;
  /// Whether both are the same octets, as far as that is known without reading them.
  [[nodiscard]] virtual bool is_same_as(const ContentSource& other) const { return this == &other; }
};

/// A reference to a source of octets, or empty content.
class Content {
 public:
  Content() = default;  ///< empty content
  explicit Content(std::shared_ptr<const ContentSource> source) : source_(std::move(source)) {}

  /// The octets, held in memory.
  static Content from_bytes(std::vector<std::byte> bytes);
  static Content from_text(std::string_view text);
  /// Octets that stay where they are, unchanged, as long as there is a share in `owner`.
  static Content from_memory(std::shared_ptr<const void> owner, std::span<const std::byte> octets);
  /// Throws mapi::Failure(MAPI_E_NOT_FOUND) if there is no such file. The file must stay unchanged
  /// until it has been read.
  static Content from_file(const std::filesystem::path& path);

  [[nodiscard]] std::uint64_t size() const { return source_ ? source_->size() : 0; }
  [[nodiscard]] std::unique_ptr<ContentReader> open() const;

  /// `length` octets from `offset` on, not copied. A source that is shorter gives a shorter reader.
  [[nodiscard]] Content slice(std::uint64_t offset, std::uint64_t length) const;

  /// The whole content in memory. Only for content known to be small: throws
  /// mapi::Failure(MAPI_E_TOO_BIG) above `limit` octets.
  [[nodiscard]] std::vector<std::byte> read_all(std::uint64_t limit = 64U << 20) const;

  /// The source, for a store that recognises its own (null for empty content).
  [[nodiscard]] const std::shared_ptr<const ContentSource>& source() const { return source_; }

  /// Whether both are the same octets, as far as their sources know without reading them.
  [[nodiscard]] bool is_same_as(const Content& other) const;

 private:
  std::shared_ptr<const ContentSource> source_;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
