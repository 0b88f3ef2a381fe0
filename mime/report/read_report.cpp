#include "mime/read_report.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/line_ends.h"
#include "base/mime/mime_reader.h"
#include "base/text.h"
#include "mime/header/header_block.h"
#include "mime/octets/transfer_decoding.h"
#include "mime/report/bounce_text.h"
#include "mime/report/field_value.h"
#include "mime/report/status_part.h"

namespace postern::mime {
namespace {

constexpr std::size_t longest_returned_header = std::size_t{256} << 10U;

/// What the content of a part is to a report.
enum class Use { none, status, returned_header, text };

/// The header of the returned message as content: text/rfc822-headers, message/global-headers, and
/// messages that the reader does not enter since they are encoded, or of type message/global.
bool is_returned_header(const MediaType& media) {
  return media.is("text", "rfc822-headers") || media.is("message", "rfc822") ||
         media.is("message", "global") || media.is("message", "global-headers");
}

std::size_t limit_of(Use use) {
  switch (use) {
    case Use::status:
      return longest_status_part;
    case Use::returned_header:
      return longest_returned_header;
    case Use::text:
      return longest_bounce_text;
    case Use::none:
      break;
  }
  return 0;
}

class ReportReader {
 public:
  explicit ReportReader(std::unique_ptr<OctetReader> mail) : mime_(std::move(mail)) {}

  mapi::ReturnedReport read() {
    while (!is_done() && take(mime_.next())) {
    }
    if (report_.kind == mapi::ReturnedKind::none) read_bounce_text(header_, text_, report_);
    if (report_.original_message_id.empty()) report_.original_message_id = returned_message_id_;
    if (report_.kind == mapi::ReturnedKind::none) report_.original_message_id.clear();
    return std::move(report_);
  }

 private:
  /// Nothing that comes now is of interest.
  [[nodiscard]] bool is_done() const {
    return report_.kind != mapi::ReturnedKind::none && has_returned_;
  }

  /// Returns whether another event follows.
  bool take(const MimeEvent& event) {
    switch (event.kind) {
      case MimeEvent::Kind::header:
        take_header(event.octets);
        return true;
      case MimeEvent::Kind::content:
        take_content(event.octets);
        return true;
      case MimeEvent::Kind::content_end:
        take_leaf();
        return true;
      case MimeEvent::Kind::refused:
      case MimeEvent::Kind::end:
        return false;
      default:
        return true;
    }
  }

  void take_header(std::string_view octets) {
    const bool is_first = mime_.entity_index() == 0;
    if (is_first) {
      header_ = parse_header_block(octets);
      report_.message_id = message_id_of(header_);
    } else if (std::exchange(returned_follows_, false)) {
      take_returned(octets);
    }
    use_ = Use::none;
    if (mime_.is_embedded()) return;
    if (mime_.entity().is_message()) {
      returned_follows_ = !is_first && !has_returned_;
    } else if (!mime_.entity().is_multipart()) {
      use_ = use_of(mime_.entity().media);
    }
  }

  [[nodiscard]] Use use_of(const MediaType& media) const {
    const bool has_report = report_.kind != mapi::ReturnedKind::none;
    if (media.type == "message" && report_kind(media.subtype) != mapi::ReturnedKind::none) {
      return has_report ? Use::none : Use::status;
    }
    if (is_returned_header(media)) return has_returned_ ? Use::none : Use::returned_header;
    return media.is("text", "plain") && text_.empty() ? Use::text : Use::none;
  }

  void take_content(std::string_view octets) {
    const auto room = limit_of(use_) - std::min(limit_of(use_), content_.size());
    content_.append(octets.substr(0, room));
    if (use_ == Use::status && octets.size() > room) report_.incomplete = true;
  }

  void take_leaf() {
    const auto& entity = mime_.entity();
    const auto content = with_crlf(decoded(std::exchange(content_, {}), entity.encoding));
    if (use_ == Use::status) {
      read_status_part(content, report_kind(entity.media.subtype), report_);
    } else if (use_ == Use::returned_header) {
      take_returned(content);
    } else if (use_ == Use::text) {
      text_ = content;
    }
  }

  void take_returned(std::string_view header) {
    has_returned_ = true;
    returned_message_id_ = message_id_of(parse_header_block(header));
  }

  static std::string message_id_of(const HeaderBlock& header) {
    const auto* field = find_field(header, "Message-ID");
    return field == nullptr ? std::string() : message_id_in(field->value);
  }

  MimeReader mime_;
  HeaderBlock header_;
  Use use_ = Use::none;
  std::string content_;  ///< of the part that is being read, if it is of use
  std::string text_;     ///< the first text of the mail
  bool returned_follows_ = false;
  bool has_returned_ = false;
  std::string returned_message_id_;
  mapi::ReturnedReport report_;
};

}  // namespace

mapi::ReturnedReport read_report(std::unique_ptr<OctetReader> mail) {
  return ReportReader(std::move(mail)).read();
}

}  // namespace postern::mime
