#include "mime/octets/content_view.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/line_ends.h"
#include "mime/octets/transform_reader.h"

namespace postern::mime {
namespace {

class JoinedSource final : public mapi::ContentSource {
 public:
  JoinedSource(mapi::Content front, mapi::Content content)
      : front_(std::move(front)), content_(std::move(content)) {}
  [[nodiscard]] std::uint64_t size() const override { return front_.size() + content_.size(); }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<Reader>(front_.open(), content_.open());
  }

 private:
  class Reader final : public mapi::ContentReader {
   public:
    Reader(std::unique_ptr<mapi::ContentReader> front, std::unique_ptr<mapi::ContentReader> rest)
        : front_(std::move(front)), rest_(std::move(rest)) {}
    std::size_t read(std::span<std::byte> into) override {
      if (into.empty()) return 0;
      const auto count = front_ ? front_->read(into) : 0;
      if (count > 0) return count;
      front_.reset();
      return rest_->read(into);
    }

   private:
    std::unique_ptr<mapi::ContentReader> front_;
    std::unique_ptr<mapi::ContentReader> rest_;
  };

  mapi::Content front_;
  mapi::Content content_;
};

class CrlfSource final : public mapi::ContentSource {
 public:
  CrlfSource(mapi::Content content, std::uint64_t size)
      : content_(std::move(content)), size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<TransformReader>(content_.open(), std::make_unique<LineEnds>());
  }

 private:
  mapi::Content content_;
  std::uint64_t size_;
};

}  // namespace

mapi::Content joined(mapi::Content front, mapi::Content content) {
  return mapi::Content(std::make_shared<JoinedSource>(std::move(front), std::move(content)));
}

CanonicalLines canonical_lines(mapi::Content content) {
  constexpr std::size_t block_size = std::size_t{16} << 10U;
  LineScanner scanner;
  const auto reader = content.open();
  const auto block = std::make_unique_for_overwrite<std::byte[]>(block_size);
  while (const auto count = reader->read({block.get(), block_size})) {
    scanner.feed({reinterpret_cast<const char*>(block.get()), count});
  }
  const auto facts = scanner.finish();
  return {with_canonical_lines(std::move(content), facts), facts};
}

mapi::Content with_canonical_lines(mapi::Content content, const LineFacts& facts) {
  if (!facts.is_canonical) {
    return mapi::Content(std::make_shared<CrlfSource>(std::move(content), facts.size));
  }
  if (!facts.is_last_line_open) return content;
  static const auto line_end = mapi::Content::from_text("\r\n");
  return joined(std::move(content), line_end);
}

std::string first_octets(const mapi::Content& content, std::size_t limit) {
  std::string octets(static_cast<std::size_t>(std::min<std::uint64_t>(limit, content.size())),
                     '\0');
  const auto bytes = std::as_writable_bytes(std::span(octets));
  const auto reader = content.open();
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto count = reader->read(bytes.subspan(filled));
    if (count == 0) break;
    filled += count;
  }
  octets.resize(filled);
  return octets;
}

}  // namespace postern::mime
