// The first pass of the conversion to 7 bits (smtp/seven_bit.h): walks the structure and decides.
#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/line_ends.h"
#include "base/mime/mime_reader.h"
#include "base/quoted_printable.h"
#include "base/text.h"
#include "smtp/seven_bit.h"
#include "smtp/seven_bit/plan.h"

namespace postern::smtp {
namespace {

constexpr std::size_t longest_shown_type = 60;

std::string shown(const MediaType& media) {
  return printable(media.type + "/" + media.subtype).substr(0, longest_shown_type);
}

/// What must arrive in the very octets in which it was sent.
bool is_untouchable(const MediaType& media) {
  return media.is("application", "pkcs7-mime") || media.is("application", "x-pkcs7-mime") ||
         media.is("message", "partial") || media.is("message", "external-body");
}

/// What is read by people. Status reports and their like are of type message.
bool is_text(const MediaType& media) {
  return media.type == "text" || media.type == "message";
}

/// A leaf's content as the scan sees it go by.
class LeafMeasure {
 public:
  LeafMeasure() = default;
  LeafMeasure(const EntityHeader& header, bool may_change)
      : binary_(header.encoding == ContentTransferEncoding::binary),
        may_change_(may_change),
        text_(is_text(header.media) && !binary_) {}

  void add(std::string_view content) {
    raw_size_ += content.size();
    if (!may_change_ || binary_) return;
    lines_.clear();
    line_ends_.feed(content, lines_);
    size_ += lines_.size();
    if (text_) quoted_printable_.feed(lines_, encoded_);
    count_encoded();
  }

  void finish() {
    quoted_printable_.finish(encoded_);
    count_encoded();
  }

  /// Quoted-printable or base64, whichever suits the content.
  [[nodiscard]] PartEncoding encoding() const {
    return text_ && quoted_printable_size_ <= base64_size() ? PartEncoding::quoted_printable
                                                            : PartEncoding::base64;
  }
  [[nodiscard]] std::uint64_t size_in(PartEncoding encoding) const {
    if (encoding == PartEncoding::quoted_printable) return quoted_printable_size_;
    return encoding == PartEncoding::base64 ? base64_size() : raw_size_;
  }

 private:
  [[nodiscard]] std::uint64_t base64_size() const {
    return postern::base64_size(binary_ ? raw_size_ : size_);
  }
  void count_encoded() {
    quoted_printable_size_ += encoded_.size();
    encoded_.clear();
  }

  bool binary_ = false;
  bool may_change_ = false;
  bool text_ = false;
  std::uint64_t raw_size_ = 0;
  std::uint64_t size_ = 0;  ///< with CRLF at each line's end
  std::uint64_t quoted_printable_size_ = 0;
  LineEnds line_ends_;
  QuotedPrintable quoted_printable_;
  std::string lines_;
  std::string encoded_;
};

}  // namespace

class SevenBitScan::Pass {
 public:
  explicit Pass(const OctetSource& source) : source_(source), walk_(source.open()) {}

  bool advance() {
    if (!finished_) see(walk_.next());
    return !finished_;
  }

  SevenBit take() {
    if (refusal_) return *std::move(refusal_);
    if (!plan_.has_8bit) plan_.size = source_.size();
    return seven_bit_source(source_, std::move(plan_));
  }

 private:
  void see(const MimeEvent& event) {
    switch (event.kind) {
      case MimeEvent::Kind::header:
        return see_header();
      case MimeEvent::Kind::content:
        leaf_.add(event.octets);
        return see_content(event.octets);
      case MimeEvent::Kind::content_end:
        return end_leaf();
      case MimeEvent::Kind::filler:
        plan_.size += event.octets.size();
        return see_filler(event.octets);
      case MimeEvent::Kind::delimiter:
        plan_.size += event.octets.size();
        return;
      case MimeEvent::Kind::refused:
        return refuse(std::string(event.octets));
      case MimeEvent::Kind::end:
        finished_ = true;
        check_preamble(false);
    }
  }

  void see_header() {
    const EntityHeader& header = walk_.entity();
    check_preamble(walk_.is_first_part());
    if (walk_.entity_index() == 0) has_dkim_signature_ = header.has_dkim_signature;
    if (header.field_with_8bit) {
      refuse(fmt::format("the header field {} holds 8-bit octets", *header.field_with_8bit));
    }
    if (header.is_multipart() || header.is_message()) {
      // What follows a header without its empty line might, once changed, be taken for more of it.
      const bool relabel = !walk_.is_signed() && (says_more_than_7bit() || !header.is_closed());
      decide(relabel ? PartEncoding::seven_bit : PartEncoding::unchanged);
    } else {
      leaf_8bit_ = false;
      leaf_ = LeafMeasure(header, leaf_may_change());
    }
  }

  void see_content(std::string_view octets) {
    if (leaf_8bit_ || is_ascii(octets)) return;
    leaf_8bit_ = true;
    const EntityHeader& header = walk_.entity();
    if (!leaf_may_change()) {
      refuse(fmt::format("a part of type {} {} holds 8-bit octets", shown(header.media),
                         walk_.is_signed()      ? "that is signed"
                         : header.is_identity() ? "that must not be encoded"
                                                : "that is said to be encoded already"));
    }
    see_8bit();
  }

  void end_leaf() {
    leaf_.finish();
    PartEncoding encoding = PartEncoding::unchanged;
    if (leaf_may_change()) {
      const bool binary = walk_.entity().encoding == ContentTransferEncoding::binary;
      if (leaf_8bit_ || binary) {
        encoding = leaf_.encoding();
      } else if (says_more_than_7bit()) {
        encoding = PartEncoding::seven_bit;
      }
    }
    decide(encoding);
    plan_.size += leaf_.size_in(encoding);
  }

  void see_filler(std::string_view octets) {
    if (is_ascii(octets)) return;
    if (walk_.is_signed()) refuse("a signed multipart holds 8-bit octets between its parts");
    preamble_8bit_ = preamble_8bit_ || walk_.in_preamble();
    see_8bit();
  }

  /// 8-bit octets of a preamble may be replaced only if the multipart's parts follow.
  void check_preamble(bool parts_follow) {
    if (std::exchange(preamble_8bit_, false) && !parts_follow) {
      refuse("a multipart whose boundary does not appear holds 8-bit octets");
    }
  }

  void see_8bit() {
    plan_.has_8bit = true;
    if (has_dkim_signature_) refuse("the message holds 8-bit octets under a DKIM signature");
  }

  void decide(PartEncoding encoding) {
    plan_.encodings.push_back(encoding);
    plan_.size += header_with(walk_.entity(), encoding).size();
  }

  [[nodiscard]] bool leaf_may_change() const {
    const EntityHeader& header = walk_.entity();
    return !walk_.is_signed() && header.is_identity() && !is_untouchable(header.media);
  }
  [[nodiscard]] bool says_more_than_7bit() const {
    return walk_.entity().encoding == ContentTransferEncoding::eight_bit ||
           walk_.entity().encoding == ContentTransferEncoding::binary;
  }

  /// The first reason stands.
  void refuse(std::string reason) {
    finished_ = true;
    if (!refusal_) refusal_ = std::move(reason);
  }

  const OctetSource& source_;
  MimeReader walk_;
  SevenBitPlan plan_;
  LeafMeasure leaf_;
  bool leaf_8bit_ = false;
  bool preamble_8bit_ = false;
  bool has_dkim_signature_ = false;
  bool finished_ = false;
  std::optional<std::string> refusal_;
};

SevenBitScan::SevenBitScan(const OctetSource& source) : pass_(std::make_unique<Pass>(source)) {}
SevenBitScan::~SevenBitScan() = default;

bool SevenBitScan::advance() {
  return pass_->advance();
}

SevenBit SevenBitScan::take() {
  return pass_->take();
}

SevenBit seven_bit(const OctetSource& source) {
  SevenBitScan scan(source);
  while (scan.advance()) {
  }
  return scan.take();
}

}  // namespace postern::smtp
