#include "mime/octets/transfer_encoding.h"

#include <array>
#include <string>

#include "base/base64.h"
#include "base/quoted_printable.h"
#include "mapi/error.h"
#include "mime/octets/content_view.h"
#include "mime/octets/transform_reader.h"

namespace postern::mime {
namespace {

/// The content's own reader, held to the size the content claims.
class ExactReader final : public mapi::ContentReader {
 public:
  explicit ExactReader(const mapi::Content& content)
      : reader_(content.open()), size_(content.size()) {}

  std::size_t read(std::span<std::byte> into) override {
    const auto count = reader_->read(into);
    position_ += count;
    if (position_ > size_ || (count == 0 && position_ < size_ && !into.empty())) {
      throw mapi::Failure(
          mapi::MAPI_E_CORRUPT_DATA,
          "the content of a part changed while it was read: " + std::to_string(size_) +
              " octets were announced and " +
              (position_ > size_ ? "more" : "only " + std::to_string(position_)) + " are there");
    }
    return count;
  }

 private:
  std::unique_ptr<mapi::ContentReader> reader_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
};

std::unique_ptr<OctetTransform> transform_for(TransferEncoding encoding) {
  switch (encoding) {
    case TransferEncoding::quoted_printable:
      return std::make_unique<QuotedPrintable>();
    case TransferEncoding::base64:
      return std::make_unique<Base64Transform>();
    case TransferEncoding::seven_bit:
    case TransferEncoding::eight_bit:
      break;
  }
  return nullptr;
}

bool is_seven_bit(const LineFacts& facts, std::size_t longest_line) {
  return !facts.has_8bit && !facts.has_nul && facts.longest_line <= longest_line;
}

}  // namespace

std::string_view name(TransferEncoding encoding) {
  constexpr std::array<std::string_view, 4> names{"7bit", "8bit", "quoted-printable", "base64"};
  return names[static_cast<std::size_t>(encoding)];
}

bool can_go_unencoded(const mapi::Content& content) {
  constexpr std::size_t biggest = 1U << 20U;
  constexpr std::size_t longest_line = 998;
  if (content.size() > biggest) return false;
  const auto facts = line_facts(first_octets(content, biggest));
  return facts.is_canonical && is_seven_bit(facts, longest_line);
}

TransferEncoding text_encoding(const LineFacts& facts) {
  constexpr std::size_t comfortable_line = 78;
  if (is_seven_bit(facts, comfortable_line) && !facts.has_mbox_line) {
    return TransferEncoding::seven_bit;
  }
  return facts.quotable <= facts.size / 6 ? TransferEncoding::quoted_printable
                                          : TransferEncoding::base64;
}

std::uint64_t encoded_size(const mapi::Content& content, TransferEncoding encoding) {
  if (encoding == TransferEncoding::base64) return base64_size(content.size());
  if (encoding != TransferEncoding::quoted_printable) return content.size();
  const auto reader = open_encoded(content, encoding);
  std::array<std::byte, 4096> block{};
  std::uint64_t size = 0;
  while (const auto count = reader->read(block)) size += count;
  return size;
}

std::unique_ptr<mapi::ContentReader> open_encoded(const mapi::Content& content,
                                                  TransferEncoding encoding) {
  auto reader = std::make_unique<ExactReader>(content);
  auto transform = transform_for(encoding);
  if (!transform) return reader;
  return std::make_unique<TransformReader>(std::move(reader), std::move(transform));
}

}  // namespace postern::mime
