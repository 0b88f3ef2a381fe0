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
  explicit CrlfSource(mapi::Content content) : content_(std::move(content)) {
    const auto reader = open();
    std::array<std::byte, 4096> block{};
    while (const auto count = reader->read(block)) look_at(std::span(block).first(count));
    facts_.longest_line = std::max(facts_.longest_line, line_);
  }
  [[nodiscard]] std::uint64_t size() const override { return facts_.size; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<TransformReader>(content_.open(), std::make_unique<LineEnds>());
  }
  [[nodiscard]] const LineFacts& facts() const { return facts_; }

 private:
  void look_at(std::span<const std::byte> octets) {
    facts_.size += octets.size();
    for (const auto octet : octets) {
      const auto value = std::to_integer<unsigned>(octet);
      facts_.has_8bit = facts_.has_8bit || value >= 0x80;
      facts_.has_nul = facts_.has_nul || value == 0;
      facts_.longest_line = std::max(facts_.longest_line, line_);
      if (value == '\n') {
        line_ = 0;
      } else if (value != '\r') {
        ++line_;
      }
    }
  }

  mapi::Content content_;
  LineFacts facts_;
  std::uint64_t line_ = 0;
};

}  // namespace

mapi::Content joined(std::string_view front, mapi::Content content) {
  return mapi::Content(
      std::make_shared<JoinedSource>(mapi::Content::from_text(front), std::move(content)));
}

CanonicalLines canonical_lines(mapi::Content content) {
  const auto last =
      content.size() == 0 ? "" : first_octets(content.slice(content.size() - 1, 1), 1);
  auto source = std::make_shared<CrlfSource>(std::move(content));
  auto facts = source->facts();
  facts.is_last_line_open = last.find_first_not_of("\r\n") != std::string::npos;
  return {mapi::Content(std::move(source)), facts};
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
