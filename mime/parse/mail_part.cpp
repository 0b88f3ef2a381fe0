#include "mime/parse/mail_part.h"

#include <algorithm>
#include <utility>

#include "base/mime/mime_reader.h"
#include "base/text.h"
#include "mapi/error.h"
#include "mime/header/header_block.h"
#include "mime/octets/content_view.h"
#include "mime/octets/transfer_decoding.h"

namespace postern::mime {
namespace {

constexpr std::size_t max_parts = 10'000;
constexpr std::size_t longest_headers = std::size_t{8} << 20U;  ///< of all parts together

class TreeBuilder {
 public:
  explicit TreeBuilder(const mapi::Content& mail) : reader_(mail.open()) {}

  MailPart build() {
    while (true) {
      const auto before = reader_.position();
      const auto event = reader_.next();
      switch (event.kind) {
        case MimeEvent::Kind::header:
          begin_part(before, event.octets);
          break;
        case MimeEvent::Kind::content:
          if (open_.back()->encoding == ContentTransferEncoding::base64) count_.feed(event.octets);
          break;
        case MimeEvent::Kind::content_end:
          end_leaf();
          break;
        case MimeEvent::Kind::filler:
          break;
        case MimeEvent::Kind::delimiter:
          note_delimiter(before, event.octets);
          break;
        case MimeEvent::Kind::refused:
          throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX,
                              "the mail cannot be read: " + std::string(event.octets));
        case MimeEvent::Kind::end:
          end_composites(0, before);
          root_.content_end = before;
          return std::move(root_);
      }
      if (event.kind != MimeEvent::Kind::delimiter) line_end_ = 0;
    }
  }

 private:
  void begin_part(std::uint64_t header_begin, std::string_view block) {
    headers_ += block.size();
    if (++parts_ > max_parts || headers_ > longest_headers) {
      throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX,
                          parts_ > max_parts ? "the mail has more than 10,000 parts"
                                             : "the headers of the mail are longer than 8 MiB");
    }
    end_composites(reader_.nesting(), delimiter_at_);
    auto& part = open_.empty() ? root_ : open_.back()->parts.emplace_back();
    part.fields = parse_header_block(block).fields;
    part.encoding = reader_.entity().encoding;
    part.header_begin = header_begin;
    part.content_begin = reader_.position();
    // As the structure was read; parameters as GMime reads them.
    const auto& media = reader_.entity().media;
    if (auto type = media_type_value(part.field("Content-Type"))) part.type = std::move(*type);
    part.type.value = media.type + '/' + media.subtype;
    part.disposition = disposition_value(part.field("Content-Disposition"));
    open_.push_back(&part);
    count_ = {};
  }

  /// The line end before a delimiter belongs to it; it comes first, or ends another delimiter.
  void note_delimiter(std::uint64_t before, std::string_view octets) {
    delimiter_at_ = before - line_end_;
    const bool is_line = octets.starts_with('-');
    line_end_ = octets.size() - std::min(octets.size(), octets.find_last_not_of("\r\n") + 1);
    // What a delimiter closes goes on to the end of its epilogue.
    if (is_line) end_composites(reader_.open_composites() + 1, delimiter_at_);
  }

  void end_leaf() {
    open_.back()->content_end = reader_.position();
    open_.back()->base64_octets = count_.octets();
  }

  /// Those that what comes next does not lie within.
  void end_composites(std::size_t nesting, std::uint64_t end) {
    while (open_.size() > nesting) {
      auto& part = *open_.back();
      if (!part.parts.empty() || part.content_end == 0) part.content_end = end;
      open_.pop_back();
    }
  }

  MimeReader reader_;
  MailPart root_;
  std::vector<MailPart*> open_;  ///< the part that came last and those around it
  Base64Count count_;
  std::uint64_t delimiter_at_ = 0;
  std::uint64_t line_end_ = 0;  ///< of the delimiter before, or the line end in front of one
  std::size_t parts_ = 0;
  std::size_t headers_ = 0;
};

}  // namespace

std::string_view MailPart::field(std::string_view name) const {
  for (const auto& each : fields) {
    if (equals_ignoring_case(each.name, name)) return each.value;
  }
  return {};
}

std::string_view MailPart::file_name() const {
  const auto name = disposition ? disposition->parameter("filename") : std::string_view();
  return name.empty() ? type.parameter("name") : name;
}

MailPart parse_mail(const mapi::Content& mail) {
  return TreeBuilder(mail).build();
}

bool has_blind_copies(const MailPart& part) {
  return std::ranges::any_of(part.parts, [](const MailPart& each) {
    return !each.field("Bcc").empty() || has_blind_copies(each);
  });
}

bool has_binary_part(const MailPart& part) {
  if (part.parts.empty()) return part.encoding == ContentTransferEncoding::binary;
  return std::ranges::any_of(part.parts, has_binary_part);
}

mapi::Content content_of(const MailPart& part, const mapi::Content& mail) {
  const auto encoded = mail.slice(part.content_begin, part.content_end - part.content_begin);
  const auto size = part.encoding == ContentTransferEncoding::base64
                        ? std::optional(part.base64_octets)
                        : std::nullopt;
  return decoded(encoded, part.encoding, size);
}

}  // namespace postern::mime
