// Content: octets of any size that can be read from the start as often as needed.
//
// Attachment data is never held as one string: a Content says where the octets lie (memory, file,
// .msg, store) and `open` gives a reader that pulls them block by block. Opening again makes a
// retry free. A Content is a cheap value; copies share the source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace postern::mapi {

/// One pass over the octets.
class ContentReader {
 public:
  virtual ~ContentReader() = default;

  /// Fills as much of `into` as is at hand, at least one octet unless the end is reached.
  /// Returns the count; 0 means the end. Throws mapi::Failure when the source cannot be read.
  virtual std::size_t read(std::span<std::byte> into) = 0;
};

/// Where octets lie. Implementations are immutable and may be opened from several threads.
class ContentSource {
 public:
  virtual ~ContentSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;  ///< in octets
  [[nodiscard]] virtual std::unique_ptr<ContentReader> open() const = 0;
};

class Content {
 public:
  Content() = default;  ///< empty content
  explicit Content(std::shared_ptr<const ContentSource> source) : source_(std::move(source)) {}

  static Content from_bytes(std::vector<std::byte> bytes);
  static Content from_text(std::string_view text);
  /// The file must exist now (mapi::Failure otherwise) and stay unchanged until it was read.
  static Content from_file(const std::filesystem::path& path);

  [[nodiscard]] std::uint64_t size() const { return source_ ? source_->size() : 0; }
  [[nodiscard]] std::unique_ptr<ContentReader> open() const;

  /// The whole content in memory. Only for content known to be small: throws
  /// mapi::Failure(MAPI_E_TOO_BIG) above `limit` octets.
  [[nodiscard]] std::vector<std::byte> read_all(std::uint64_t limit = 64U << 20) const;

  /// The source, for a store that recognises its own (null for empty content).
  [[nodiscard]] const std::shared_ptr<const ContentSource>& source() const { return source_; }

 private:
  std::shared_ptr<const ContentSource> source_;
};

}  // namespace postern::mapi
#pragma GCC visibility pop
