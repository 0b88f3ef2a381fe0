#include "mime/parse/content_properties.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/text.h"
#include "mapi/code_page.h"
#include "mapi/property_tags.h"
#include "mime/parse/attachment_properties.h"
#include "mime/parse/calendar_properties.h"
#include "mime/parse/original.h"
#include "mime/parse/secured_content.h"
#include "mime/parse/text_body.h"

namespace postern::mime {
namespace {

/// Longer texts are attachments.
constexpr std::uint64_t longest_text = std::uint64_t{8} << 20U;

bool is_text(const MailPart& part) {
  return part.is("text/plain") || part.is("text/html");
}

/// A leaf that a reader is shown as the text of the mail.
bool can_be_body(const MailPart& part) {
  const bool is_attached = part.disposition && part.disposition->value == "attachment";
  return is_text(part) && part.encoding != ContentTransferEncoding::other && !is_attached &&
         part.file_name().empty() && part.content_end - part.content_begin <= longest_text;
}

/// Why the part cannot be sent as it came; null: it can.
const char* obstacle_to_keeping(const MailPart& part) {
  if (has_blind_copies(part)) return "a message within it names recipients of blind copies";
  return has_binary_part(part) ? "it has a part in binary" : nullptr;
}

/// Walks the parts, and notes whether composing makes them again.
class ContentWalk {
 public:
  ContentWalk(mapi::Message& message, const Reading& reading)
      : message_(message), reading_(reading) {}

  void walk(const MailPart& root) {
    if (root.is("multipart/mixed") && !root.parts.empty()) {
      const auto& first = root.parts.front();
      if (can_be_body(first) || first.is("multipart/alternative") ||
          first.is("multipart/related")) {
        body_beside_attachments(first);
      } else {
        content(first);
      }
      for (const auto& part : std::span(root.parts).subspan(1)) attach(part, false);
    } else {
      content(root);
    }
    if (!is_whole_) keep(root, OriginalExtent::content);
  }

 private:
  /// Where only the body is more than an object can say, only it is kept.
  void body_beside_attachments(const MailPart& part) {
    content(part);
    if (is_whole_ || !message_.attachments.empty()) return;
    if (keep(part, OriginalExtent::body)) is_whole_ = true;
  }

  void content(const MailPart& part) {
    if (part.is("multipart/alternative")) return alternatives(part);
    if (part.is("multipart/related")) return related(part);
    if (part.is_multipart()) return parts_in_turn(part);
    if (can_be_body(part) && take_body(part)) return;
    if (part.is("text/calendar") && part.file_name().empty()) {
      is_whole_ = false;
      return read_calendar(part);
    }
    attach(part, false);
  }

  void read_calendar(const MailPart& part) {
    if (part.content_end - part.content_begin > longest_text) return;
    const auto text = part_text(octets_of(part), part.type.parameter("charset")).text;
    set_calendar_properties(message_, text, part.type.parameter("method"), reading_);
  }

  [[nodiscard]] std::string octets_of(const MailPart& part) const {
    const auto bytes = content_of(part, reading_.mail).read_all();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  /// multipart/mixed within something, and what is treated as it (RFC 2046 §5.1.3).
  void parts_in_turn(const MailPart& part) {
    is_whole_ = false;
    for (const auto& each : part.parts) {
      if (each.is_multipart()) {
        content(each);
      } else if (!can_be_body(each) || !take_body(each)) {
        attach(each, false);
      }
    }
  }

  /// Plain text, then HTML, perhaps with its pictures.
  void alternatives(const MailPart& part) {
    for (const auto& each : part.parts) {
      if (each.is("multipart/related")) {
        related(each);
      } else if (each.is_multipart()) {
        is_whole_ = false;
        content(each);
      } else if (!can_be_body(each) || !take_body(each)) {
        is_whole_ = false;  // another form of the same, and no attachment
        if (each.is("text/calendar")) read_calendar(each);
      }
    }
    set_body_fields(part);
    if (part.parts.size() < 2) is_whole_ = false;
  }

  void related(const MailPart& part) {
    if (part.parts.empty()) return;
    const auto start = part.type.parameter("start");
    auto root = std::ranges::find_if(part.parts, [&](const MailPart& each) {
      return !start.empty() && each.field("Content-ID") == start;
    });
    if (root == part.parts.end()) root = part.parts.begin();
    if (root != part.parts.begin() ||
        (!root->is("text/html") && !root->is("multipart/alternative"))) {
      is_whole_ = false;
    }
    content(*root);
    for (auto each = part.parts.begin(); each != part.parts.end(); ++each) {
      if (each != root) attach(*each, true);
    }
  }

  /// False: there is such a body already.
  bool take_body(const MailPart& part) {
    const bool is_html = part.is("text/html");
    if (is_html ? has_html_ : has_text_ || has_html_) {
      is_whole_ = false;
      return false;
    }
    const auto octets = octets_of(part);
    auto text = part_text(octets, part.type.parameter("charset"));
    tell(part, text);
    set_body_fields(part);
    if (is_html) {
      set_html(octets, text);
    } else {
      message_.set(mapi::PR_BODY, std::move(text.text));
    }
    (is_html ? has_html_ : has_text_) = true;
    is_whole_ = is_whole_ && has_plain_header(part);
    return true;
  }

  void tell(const MailPart& part, const PartText& text) {
    const std::string name = part.is("text/html") ? "the HTML body" : "the text";
    if (!text.is_clean) {
      reading_.lose({mapi::LossKind::substituted, mapi::body_part,
                     name + " holds what cannot be read as characters; U+FFFD stands "
                            "in its place"});
    } else if (text.is_guess) {
      reading_.lose({mapi::LossKind::guessed, mapi::body_part,
                     name + " is not in the charset that is declared; it is read as code page " +
                         std::to_string(text.code_page)});
    }
  }

  void set_html(const std::string& octets, const PartText& text) {
    // Code pages that may not stand there are made UTF-8 (§4.5).
    const bool is_storable = text.is_clean && !mapi::charset_name(text.code_page).empty();
    const std::string& stored = is_storable ? octets : text.text;
    const auto bytes = std::as_bytes(std::span(stored));
    message_.set(mapi::PR_HTML, mapi::Binary(bytes.begin(), bytes.end()));
    message_.set(mapi::PR_INTERNET_CPID, is_storable ? text.code_page : mapi::code_page_utf8);
  }

  void set_body_fields(const MailPart& part) {
    const auto id = part.field("Content-ID");
    if (!id.empty()) message_.set(mapi::PR_BODY_CONTENT_ID, std::string(id));
    const auto location = part.field("Content-Location");
    if (!location.empty()) message_.set(mapi::PR_BODY_CONTENT_LOCATION, std::string(location));
  }

  /// Whether the header of a text says what every text's says.
  static bool has_plain_header(const MailPart& part) {
    constexpr std::array<std::string_view, 6> known{
        "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
        "Content-ID",   "Content-Location",          "Content-Language"};
    return has_only_fields(part, known) &&
           std::ranges::all_of(part.type.parameters, [](const Parameter& each) {
             return each.name == "charset" || (each.name == "format" && each.value == "fixed");
           });
  }

  void attach(const MailPart& part, bool is_related) {
    if (part.is_multipart()) {
      is_whole_ = false;
      for (const auto& each : part.parts) attach(each, is_related);
      return;
    }
    auto [attachment, is_whole] =
        attachment_of(part, message_.attachments.size() + 1, is_related, reading_);
    message_.attachments.push_back(std::move(attachment));
    is_whole_ = is_whole_ && is_whole;
  }

  bool keep(const MailPart& part, OriginalExtent extent) {
    const char* obstacle = obstacle_to_keeping(part);
    auto original = obstacle == nullptr ? original_content(part, extent, reading_.mail)
                                        : std::optional<mapi::Attachment>();
    if (!original) {
      reading_.lose({mapi::LossKind::substituted, mapi::whole_message,
                     std::string("the structure of the mail is made anew: ") +
                         (obstacle == nullptr ? "its header cannot be kept as it is" : obstacle)});
      return false;
    }
    message_.attachments.push_back(std::move(*original));
    return true;
  }

  mapi::Message& message_;
  const Reading& reading_;
  bool has_text_ = false;
  bool has_html_ = false;
  bool is_whole_ = true;  ///< composing makes the same structure of the object
};

}  // namespace

void set_content(mapi::Message& message, const MailPart& root, const Reading& reading) {
  if (set_secured_content(message, root, reading)) return;
  ContentWalk(message, reading).walk(root);
  const bool has_text = message.get(mapi::PR_BODY).has_value();
  if (message.get(mapi::PR_HTML) != nullptr && !has_text) {
    constexpr std::int32_t html_only = 0x00080000;
    message.set(mapi::PR_INETMAIL_OVERRIDE_FORMAT, html_only);
  }
}

}  // namespace postern::mime
