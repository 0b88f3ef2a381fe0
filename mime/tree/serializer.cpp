#include "mime/tree/serializer.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "base/text.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

std::string header_block(const Entity& entity) {
  std::string block;
  const mimetic::Header& header = entity.header();
  for (const auto& field : header) {
    append_folded(block, {field.name().data(), field.name().size()}, field.value());
  }
  return block += "\r\n";
}

void append_all(mapi::ContentReader& reader, std::string& text) {
  constexpr std::size_t block_size = std::size_t{16} << 10U;
  for (std::size_t count = block_size; count != 0;) {
    const auto before = text.size();
    text.resize(before + block_size);
    count = reader.read(std::as_writable_bytes(std::span(text)).subspan(before));
    text.resize(before + count);
  }
}

/// Collects segments; neighbouring octets become one segment.
class Walk {
 public:
  explicit Walk(std::vector<Segment>& segments) : segments_(segments) {}

  /// Returns the size of its header.
  std::size_t entity(const Entity& entity) {
    const auto header = header_block(entity);
    octets(header);
    if (entity.is_multipart()) {
      parts(entity);
    } else if (const auto children = entity.parts(); !children.empty()) {
      this->entity(*children.front());
    } else if (entity.content().size() > 0) {
      body(entity);
      ends_with_own_line_end_ = !entity.lends_line_end();
    }
    return header.size();
  }

 private:
  /// What must be encoded for its size to be known is encoded once if it is small.
  void body(const Entity& entity) {
    constexpr std::uint64_t most_at_once = std::uint64_t{256} << 10U;
    const auto size = entity.content().size();
    if (entity.encoding() != TransferEncoding::quoted_printable || size > most_at_once - encoded_) {
      segments_.push_back({{}, &entity});
      return;
    }
    encoded_ += size;
    octets("");
    append_all(*open_encoded(entity.content(), entity.encoding()), segments_.back().octets);
  }

  void parts(const Entity& multipart) {
    const std::string delimiter = "--" + std::string(multipart.boundary());
    for (const auto* part : multipart.parts()) {
      line_break();
      octets(delimiter + "\r\n");
      entity(*part);
    }
    line_break();
    octets(delimiter + "--\r\n");
  }

  void line_break() {
    if (ends_with_own_line_end_) octets("\r\n");
  }

  void octets(std::string_view text) {
    if (segments_.empty() || segments_.back().body != nullptr) segments_.emplace_back();
    segments_.back().octets += text;
    ends_with_own_line_end_ = false;
  }

  std::vector<Segment>& segments_;
  std::uint64_t encoded_ = 0;  // octets of bodies
  bool ends_with_own_line_end_ = false;
};

class Reader final : public mapi::ContentReader {
 public:
  explicit Reader(std::shared_ptr<const SerializedMessage> message)
      : message_(std::move(message)) {}

  std::size_t read(std::span<std::byte> into) override {
    std::size_t filled = 0;
    const auto& segments = message_->segments();
    while (filled < into.size() && index_ < segments.size()) {
      const auto count = read_segment(segments[index_], into.subspan(filled));
      filled += count;
      if (count == 0) next_segment();
    }
    return filled;
  }

 private:
  std::size_t read_segment(const Segment& segment, std::span<std::byte> into) {
    if (segment.body != nullptr) {
      if (!body_) body_ = open_encoded(segment.body->content(), segment.body->encoding());
      return body_->read(into);
    }
    const auto count = std::min(into.size(), segment.octets.size() - position_);
    std::memcpy(into.data(), segment.octets.data() + position_, count);
    position_ += count;
    return count;
  }

  void next_segment() {
    ++index_;
    position_ = 0;
    body_.reset();
  }

  std::shared_ptr<const SerializedMessage> message_;
  std::size_t index_ = 0;
  std::size_t position_ = 0;
  std::unique_ptr<mapi::ContentReader> body_;
};

class Source final : public mapi::ContentSource {
 public:
  explicit Source(std::shared_ptr<const SerializedMessage> message)
      : message_(std::move(message)) {}
  [[nodiscard]] std::uint64_t size() const override { return message_->size(); }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<Reader>(message_);
  }

 private:
  std::shared_ptr<const SerializedMessage> message_;
};

}  // namespace

SerializedMessage::SerializedMessage(std::unique_ptr<const Entity> root) : root_(std::move(root)) {
  auto header_left = Walk(segments_).entity(*root_);
  has_8bit_header_ = !is_ascii(std::string_view(segments_.front().octets).substr(0, header_left));
  has_8bit_body_ = root_->is_8bit();
  for (const auto& segment : segments_) {
    if (segment.body != nullptr) {
      size_ += encoded_size(segment.body->content(), segment.body->encoding());
    } else {
      size_ += segment.octets.size();
      const auto body = std::string_view(segment.octets).substr(std::exchange(header_left, 0));
      has_8bit_body_ = has_8bit_body_ || !is_ascii(body);
    }
  }
}

mapi::Content content_of(std::shared_ptr<const SerializedMessage> message) {
  return mapi::Content(std::make_shared<Source>(std::move(message)));
}

}  // namespace postern::mime
