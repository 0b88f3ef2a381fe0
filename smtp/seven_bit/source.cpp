// The second pass of the conversion to 7 bits (smtp/seven_bit.h): rewrites the parts by the plan.
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "base/base64.h"
#include "base/line_ends.h"
#include "base/mime/mime_reader.h"
#include "base/quoted_printable.h"
#include "base/text.h"
#include "smtp/seven_bit/filler.h"
#include "smtp/seven_bit/plan.h"

namespace postern::smtp {
namespace {

/// The second pass.
class SevenBitReader final : public OctetReader {
 public:
  SevenBitReader(std::unique_ptr<OctetReader> reader, std::shared_ptr<const SevenBitPlan> plan)
      : walk_(std::move(reader)), plan_(std::move(plan)) {}

  std::size_t read(std::span<std::byte> into) override {
    while (ready_.empty() && !finished_ && !into.empty()) rewrite(walk_.next());
    const std::size_t count = std::min(ready_.size(), into.size());
    if (count > 0) std::memcpy(into.data(), ready_.data(), count);
    ready_.remove_prefix(count);
    return count;
  }

 private:
  void rewrite(const MimeEvent& event) {
    written_.clear();
    ready_ = written(event);
    if (!is_ascii(ready_)) throw_changed();
  }

  /// What this event becomes: its own octets, or ones in `written_`.
  std::string_view written(const MimeEvent& event) {
    switch (event.kind) {
      case MimeEvent::Kind::header:
        begin_entity();
        return written_;
      case MimeEvent::Kind::content:
        if (encoder_ == nullptr) return event.octets;
        encode(event.octets);
        return written_;
      case MimeEvent::Kind::content_end:
        if (encoder_ != nullptr) encoder_->finish(written_);
        return written_;
      case MimeEvent::Kind::filler:
        append_replacing_8bit(event.octets, written_);
        return written_;
      case MimeEvent::Kind::delimiter:
        return event.octets;
      case MimeEvent::Kind::refused:
        throw_changed();
      case MimeEvent::Kind::end:
        finished_ = true;
    }
    return {};
  }

  void begin_entity() {
    if (walk_.entity_index() >= plan_->encodings.size()) throw_changed();
    const PartEncoding encoding = plan_->encodings[walk_.entity_index()];
    written_ = header_with(walk_.entity(), encoding);
    encoder_.reset();
    line_ends_ = {};
    if (encoding == PartEncoding::quoted_printable) encoder_ = std::make_unique<QuotedPrintable>();
    if (encoding == PartEncoding::base64) encoder_ = std::make_unique<Base64Transform>();
  }

  void encode(std::string_view content) {
    if (walk_.entity().encoding == ContentTransferEncoding::binary) {
      encoder_->feed(content, written_);
    } else {
      lines_.clear();
      line_ends_.feed(content, lines_);
      encoder_->feed(lines_, written_);
    }
  }

  [[noreturn]] static void throw_changed() {
    throw std::runtime_error("the message is not the one it was when it was scanned");
  }

  MimeReader walk_;
  std::shared_ptr<const SevenBitPlan> plan_;
  std::unique_ptr<OctetTransform> encoder_;  ///< of the current part; null: its content stays
  LineEnds line_ends_;
  std::string lines_;
  std::string written_;
  std::string_view ready_;  ///< what is still to be given
  bool finished_ = false;
};

class SevenBitSource final : public OctetSource {
 public:
  SevenBitSource(const OctetSource& source, SevenBitPlan plan)
      : source_(source), plan_(std::make_shared<const SevenBitPlan>(std::move(plan))) {}

  std::uint64_t size() const override { return plan_->size; }
  bool has_8bit() const override { return false; }
  bool needs_smtputf8() const override { return false; }
  std::unique_ptr<OctetReader> open() const override {
    if (!plan_->has_8bit) return source_.open();
    return std::make_unique<SevenBitReader>(source_.open(), plan_);
  }

 private:
  const OctetSource& source_;
  std::shared_ptr<const SevenBitPlan> plan_;
};

}  // namespace

std::string header_with(const EntityHeader& header, PartEncoding encoding) {
  switch (encoding) {
    case PartEncoding::unchanged:
      break;
    case PartEncoding::seven_bit:
      return header.with_encoding("7bit");
    case PartEncoding::quoted_printable:
      return header.with_encoding("quoted-printable");
    case PartEncoding::base64:
      return header.with_encoding("base64");
  }
  return header.octets;
}

std::unique_ptr<OctetSource> seven_bit_source(const OctetSource& source, SevenBitPlan plan) {
  return std::make_unique<SevenBitSource>(source, std::move(plan));
}

}  // namespace postern::smtp
