#include "mime/message/body.h"

#include <algorithm>
#include <array>

#include <openssl/evp.h>
#include <unicode/uchar.h>

#include "base/percent_encoding.h"
#include "base/text.h"
#include "mapi/compressed_rtf.h"
#include "mapi/property_tags.h"
#include "mime/attachment/file_name.h"
#include "mime/attachment/media_type.h"
#include "mime/html/html.h"
#include "mime/html/visible.h"
#include "mime/octets/content_view.h"
#include "mime/text/stored_html.h"
#include "mime/text/text_part.h"

namespace postern::mime {
namespace {

using mapi::LossKind;

enum class BodyKind { none, text, rtf, html };

/// PR_INETMAIL_OVERRIDE_FORMAT ([MS-OXOMSG] 2.2.1.2.3 as read in §4.1).
constexpr std::int32_t override_is_set = 0x0002'0000;
constexpr std::int32_t override_html_only = 0x0008'0000;
constexpr std::int32_t override_text_and_html = 0x0010'0000;

/// Text has no NUL. If there are some, a writer stored UTF-16 as 8-bit text (real files do), and
/// what remains is right.
std::string without_nul(std::string text) {
  if (text.find('\0') != std::string::npos) std::erase(text, '\0');
  return text;
}

SharedText stored_text(const mapi::Message& message) {
  SharedText text(message, mapi::PR_BODY);
  const bool is_text = text.view().find('\0') == std::string_view::npos;
  return is_text ? text : SharedText(without_nul(std::string(text.view())));
}

/// Letters and digits, to compare two renderings of one text.
std::u32string letters_and_digits(std::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    const auto character = take_character(text);
    if (!character) {
      text.remove_prefix(1);
    } else if (u_isalnum(static_cast<UChar32>(*character)) != 0) {
      characters += *character;
    }
  }
  return characters;
}

/// `picture2.<digest>@domain`: the same for the same message, another for each of its pictures.
std::string picture_id(std::string_view octets, ComposeContext& context) {
  constexpr std::size_t digest_size = 16;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(octets.data(), octets.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::string id = "picture" + std::to_string(context.count_part()) + '.';
  for (std::size_t i = 0; i < digest_size; ++i) append_hex(id, static_cast<char>(digest[i]));
  return id + '@' + context.options.message_id_domain;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view unreserved = "-._~";
  std::string encoded;
  for (const char c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter || is_digit(c) || unreserved.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      append_percent_encoded(encoded, c);
    }
  }
  return encoded;
}

/// The value of the attachment's property if no other attachment has it.
std::string_view unique_value(const mapi::Message& message, const mapi::Attachment& attachment,
                              mapi::Tag<mapi::PropertyType::unicode> tag) {
  const auto value = trim(attachment.get_or(tag, ""));
  const auto same = std::count_if(message.attachments.begin(), message.attachments.end(),
                                  [&](const mapi::Attachment& other) {
                                    return equals_ignoring_case(trim(other.get_or(tag, "")), value);
                                  });
  return same == 1 ? value : std::string_view();
}

/// The reference by which HTML shows an attached picture; empty for other attachments.
std::string picture_url(const mapi::Message& message, const mapi::Attachment& attachment) {
  constexpr std::array<std::string_view, 3> shown{"image/png", "image/jpeg", "image/gif"};
  if (mapi::attach_method(attachment) != mapi::AttachMethod::by_value) return {};
  auto type = acceptable_media_type(attachment.get_or(mapi::PR_ATTACH_MIME_TAG, ""));
  const auto name = unique_value(message, attachment, mapi::PR_ATTACH_LONG_FILENAME);
  if (type.empty()) type = guess_media_type(name, first_octets(attachment.data, 16));
  if (std::find(shown.begin(), shown.end(), type) == shown.end()) return {};
  const auto id = unique_value(message, attachment, mapi::PR_ATTACH_CONTENT_ID);
  return id.empty() ? percent_encoded(name) : "cid:" + percent_encoded(id);
}

/// Those that have a place in the RTF, in the order of their places.
std::vector<RtfAttachment> placed_attachments(const mapi::Message& message) {
  constexpr std::uint32_t nowhere = 0xFFFF'FFFF;
  constexpr std::size_t most = 1000;
  std::vector<std::pair<std::uint32_t, std::size_t>> places;
  for (std::size_t i = 0; i < message.attachments.size() && places.size() < most; ++i) {
    const auto place = message.attachments[i].get(mapi::PR_RENDERING_POSITION);
    if (place && static_cast<std::uint32_t>(*place) != nowhere) {
      places.emplace_back(static_cast<std::uint32_t>(*place), i);
    }
  }
  std::sort(places.begin(), places.end());
  std::vector<RtfAttachment> placed;
  for (const auto& [place, i] : places) {
    const auto& attachment = message.attachments[i];
    const auto type = acceptable_media_type(attachment.get_or(mapi::PR_ATTACH_MIME_TAG, ""));
    placed.push_back({attachment_name(attachment, i + 1, type), picture_url(message, attachment)});
  }
  return placed;
}

/// The bodies of one message, each looked at when its turn comes. Those that a reader would see
/// nothing of do not exist.
class StoredBodies {
 public:
  StoredBodies(const mapi::Message& message, ComposeContext& context)
      : message_(message), context_(context) {}

  Body choose();

 private:
  [[nodiscard]] std::vector<BodyKind> order();
  std::optional<Body> body(BodyKind kind);
  std::optional<Body> rtf_body();
  std::optional<Body> formatted_body(const std::string& rtf);
  std::optional<Body> unformatted_body(const std::string& rtf);
  std::optional<Body> html_body();
  std::string stored_html();
  std::optional<Body> text_body() const;
  /// Text that was read from the RTF.
  std::string from_rtf(std::string text) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    is_rtf_unreadable_ = is_rtf_unreadable_ || text.find(replacement) != std::string::npos;
    return text;
  }
  void tell(LossKind kind, std::string sentence) {
    context_.tell({kind, mapi::body_part, std::move(sentence)});
  }
  void tell_losses(const FormattedRtf& formatted);
  [[nodiscard]] bool is_rtf_older() const;

  const mapi::Message& message_;
  ComposeContext& context_;
  std::optional<std::optional<Body>> html_;
  std::optional<mapi::Loss> html_loss_;  // for when it is sent
  std::string_view rtf_fault_;           // why it cannot be sent
  bool is_rtf_unreadable_ = false;       // in parts
};

Body StoredBodies::choose() {
  for (const auto kind : order()) {
    auto chosen = body(kind);
    if (!chosen) continue;
    if (!rtf_fault_.empty()) {
      tell(LossKind::damaged, "the RTF body " + std::string(rtf_fault_) + "; the " +
                                  (kind == BodyKind::html ? "HTML" : "plain text") +
                                  " body is sent");
    }
    if (kind == BodyKind::text && is_rtf_older() && message_.get(mapi::PR_RTF_COMPRESSED)) {
      tell(LossKind::dropped, "the RTF body is older than the plain text body and is left out");
    }
    const bool is_stored_html = chosen->html && html_body() && !chosen->is_true_rtf;
    if (is_stored_html && html_loss_) context_.tell(*html_loss_);
    return std::move(*chosen);
  }
  if (!rtf_fault_.empty()) {
    tell(LossKind::damaged, "the RTF body " + std::string(rtf_fault_) +
                                "; there is no other, the message is sent empty");
  }
  return {stored_text(message_)};
}

/// PR_RTF_IN_SYNC is explicitly false: the other bodies were changed after the RTF.
bool StoredBodies::is_rtf_older() const {
  return !message_.get_or(mapi::PR_RTF_IN_SYNC, true);
}

/// The first of these that exists is sent. Rules 2 to 5 are one order of three; the native body
/// comes before it, unless rule 0 decides between text and an older RTF.
std::vector<BodyKind> StoredBodies::order() {
  constexpr std::array native_kinds{BodyKind::none, BodyKind::text, BodyKind::rtf, BodyKind::html};
  const auto native = static_cast<std::uint32_t>(message_.get_or(mapi::PR_NATIVE_BODY_INFO, 0));
  std::vector<BodyKind> order;
  const bool rule_0_decides = is_rtf_older() && !html_body();
  if (native < native_kinds.size() && !rule_0_decides) order.push_back(native_kinds[native]);
  if (message_.get_or(mapi::PR_RTF_IN_SYNC, false)) {
    order.insert(order.end(), {BodyKind::rtf, BodyKind::html, BodyKind::text});
  } else if (is_rtf_older()) {
    order.insert(order.end(), {BodyKind::html, BodyKind::text, BodyKind::rtf});
  } else {
    order.insert(order.end(), {BodyKind::html, BodyKind::rtf, BodyKind::text});
  }
  return order;
}

std::optional<Body> StoredBodies::body(BodyKind kind) {
  switch (kind) {
    case BodyKind::text:
      return text_body();
    case BodyKind::rtf:
      return rtf_body();
    case BodyKind::html:
      return html_body();
    case BodyKind::none:
      break;
  }
  return std::nullopt;
}

std::optional<Body> StoredBodies::text_body() const {
  auto text = stored_text(message_);
  if (!is_visible_text(text)) return std::nullopt;
  return Body{std::move(text)};
}

std::string StoredBodies::stored_html() {
  const auto* octets = message_.get(mapi::PR_HTML);
  if (octets == nullptr) return std::string(message_.get_or(mapi::PR_BODY_HTML, ""));
  const std::string_view text(reinterpret_cast<const char*>(octets->data()), octets->size());
  auto decoded = decode_html(text, message_.get_or(mapi::PR_INTERNET_CPID, 0));
  html_loss_ = std::move(decoded.loss);
  return std::move(decoded.text);
}

std::optional<Body> StoredBodies::html_body() {
  if (!html_) {
    SharedText html(without_nul(stored_html()));
    html_ = is_visible_html(html) ? std::optional(Body{.html = std::move(html)}) : std::nullopt;
  }
  return *html_;
}

std::optional<Body> StoredBodies::rtf_body() {
  const auto* compressed = message_.get(mapi::PR_RTF_COMPRESSED);
  if (compressed == nullptr || compressed->empty() || !rtf_fault_.empty()) return std::nullopt;
  if (mapi::is_rtf_bomb(*compressed)) {
    rtf_fault_ = "would be far bigger than what is stored of it";
    return std::nullopt;
  }
  const auto decompressed = mapi::decompress_rtf(*compressed);
  const auto kind = decompressed ? rtf_kind(decompressed->rtf) : RtfKind::invalid;
  std::optional<Body> found;
  switch (kind) {
    case RtfKind::encapsulated_html:
      found = html_body();  // the original (rule 2)
      if (!found) found = Body{.html = from_rtf(without_nul(html_from_rtf(decompressed->rtf)))};
      if (!is_visible_html(*found->html)) found.reset();
      break;
    case RtfKind::encapsulated_text:
      found = unformatted_body(decompressed->rtf);
      break;
    case RtfKind::rtf:
      found = formatted_body(decompressed->rtf);
      break;
    case RtfKind::invalid:
      rtf_fault_ = "is corrupt";
      break;
  }
  if (found && is_rtf_unreadable_) {
    tell(LossKind::substituted,
         "the RTF body holds what cannot be read as characters; U+FFFD stands in its place");
  }
  if (found && !decompressed->checksum_good) {
    tell(LossKind::damaged, "the checksum of the RTF body is wrong; its text is sent all the same");
  }
  return found;
}

/// The text of an RTF that is sent without formatting.
std::optional<Body> StoredBodies::unformatted_body(const std::string& rtf) {
  if (auto text = text_body(); text && !is_rtf_older()) return text;
  auto text = from_rtf(without_nul(text_from_rtf(rtf)));
  if (!is_visible_text(text)) return std::nullopt;
  return Body{std::move(text)};
}

std::optional<Body> StoredBodies::formatted_body(const std::string& rtf) {
  const RtfHtmlOptions options{
      .attachments = placed_attachments(message_),
      .content_id = [this](std::string_view octets) { return picture_id(octets, context_); }};
  auto formatted = formatted_rtf(rtf, options);
  if (!formatted) {
    if (auto html = html_body()) return html;
    tell(LossKind::dropped,
         "the formatting of the RTF body is too voluminous; only its text is sent");
    return unformatted_body(rtf);
  }
  if (!formatted->shows_something) return std::nullopt;
  if (auto html = html_body()) {
    // Another's rendering of this RTF keeps more of it than ours.
    const auto same =
        letters_and_digits(text_from_html(*html->html)) == letters_and_digits(text_from_rtf(rtf));
    if (same) return html;
    tell(LossKind::dropped,
         "the RTF body is sent; the HTML body beside it, which differs, is left out");
  }
  tell_losses(*formatted);
  auto plain = unformatted_body(rtf);
  return Body{.text = plain ? *plain->text : SharedText(text_from_html(formatted->html)),
              .html = from_rtf(without_nul(std::move(formatted->html))),
              .pictures = std::move(formatted->pictures),
              .is_true_rtf = true};
}

void StoredBodies::tell_losses(const FormattedRtf& formatted) {
  if (const auto count = formatted.pictures_lost; count != 0) {
    tell(LossKind::dropped,
         "what the RTF body shows in pictures other than PNG and JPEG is left out: " +
             std::to_string(count));
  }
  if (const auto count = formatted.links_lost; count != 0) {
    tell(LossKind::dropped, "what the RTF body links to by URLs that are not safe is left out: " +
                                std::to_string(count));
  }
}

/// Adds and removes alternatives as PR_INETMAIL_OVERRIDE_FORMAT says.
void choose_alternatives(Body& body, const mapi::Message& message, ComposeContext& context) {
  const auto wanted = message.get_or(mapi::PR_INETMAIL_OVERRIDE_FORMAT, 0);
  if ((wanted & override_html_only) != 0 && (wanted & override_text_and_html) == 0) {
    body.text.reset();
    return;
  }
  if (!body.text) {
    auto plain = stored_text(message);
    body.text = is_visible_text(plain) ? std::move(plain) : text_from_html(*body.html);
  }
  if ((wanted & override_is_set) != 0 && (wanted & override_text_and_html) == 0) {
    context.tell({LossKind::dropped, mapi::body_part,
                  "the message asks to be sent as plain text; its HTML body is left out"});
    body.html.reset();
    body.pictures.clear();
  }
}

}  // namespace

Body choose_body(const mapi::Message& message, ComposeContext& context) {
  auto body = StoredBodies(message, context).choose();
  if (!body.html) return body;
  choose_alternatives(body, message, context);
  return body;
}

std::unique_ptr<Entity> body_entity(const Body& body, ComposeContext& context) {
  auto html = body.html ? html_entity(*body.html) : nullptr;
  if (html && !body.text) return html;
  auto text = text_entity("text/plain", body.text.value_or(SharedText()));
  if (!html) return text;
  auto alternative = Entity::multipart("multipart/alternative", make_boundary(context.options));
  alternative->add_part(std::move(text));
  alternative->add_part(std::move(html));
  return alternative;
}

}  // namespace postern::mime
