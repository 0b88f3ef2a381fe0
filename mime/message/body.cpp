#include "mime/message/body.h"

#include "base/line_ends.h"
#include "base/text.h"
#include "mapi/code_page.h"
#include "mapi/compressed_rtf.h"
#include "mapi/property_tags.h"
#include "mapi/utf.h"
#include "mime/html/html.h"
#include "mime/rtf/body.h"
#include "mime/text/stored_html.h"
#include "mime/text/text_part.h"

namespace postern::mime {
namespace {

enum class Kind { none, text, rtf, html };

/// PR_NATIVE_BODY_INFO.
constexpr std::int32_t native_text = 1;
constexpr std::int32_t native_rtf = 2;
constexpr std::int32_t native_html = 3;

/// PR_INETMAIL_OVERRIDE_FORMAT ([MS-OXOMSG] 2.2.1.2.3 as read in §4.1).
constexpr std::int32_t override_is_set = 0x0002'0000;
constexpr std::int32_t override_html_only = 0x0008'0000;
constexpr std::int32_t override_text_and_html = 0x0010'0000;

std::string_view as_text(const mapi::Binary& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

bool is_blank(std::string_view text) {
  return trim(text).empty();
}

bool has_html(const mapi::Message& message) {
  const auto* octets = message.get(mapi::PR_HTML);
  return octets != nullptr ? !octets->empty() : !message.get_or(mapi::PR_BODY_HTML, "").empty();
}

bool has_rtf(const mapi::Message& message) {
  const auto* octets = message.get(mapi::PR_RTF_COMPRESSED);
  return octets != nullptr && !octets->empty();
}

bool has_text(const mapi::Message& message) {
  return !message.get_or(mapi::PR_BODY, "").empty();
}

/// The rules of §4.1 in their order.
Kind preferred_kind(const mapi::Message& message) {
  const auto native = message.get_or(mapi::PR_NATIVE_BODY_INFO, 0);
  if (native == native_text && has_text(message)) return Kind::text;
  if (native == native_rtf && has_rtf(message)) return Kind::rtf;
  if (native == native_html && has_html(message)) return Kind::html;
  if (has_html(message) && has_rtf(message)) {
    return message.get_or(mapi::PR_RTF_IN_SYNC, false) ? Kind::rtf : Kind::html;
  }
  if (has_html(message)) return Kind::html;
  if (has_rtf(message)) return Kind::rtf;
  return has_text(message) ? Kind::text : Kind::none;
}

Html stored_html(const mapi::Message& message, ComposeContext& context) {
  const auto* octets = message.get(mapi::PR_HTML);
  if (octets == nullptr) return {std::string(message.get_or(mapi::PR_BODY_HTML, ""))};
  auto decoded = decode_html(as_text(*octets), message.get_or(mapi::PR_INTERNET_CPID, 0));
  if (!decoded.warning.empty()) context.warn(std::move(decoded.warning));
  return {std::move(decoded.text)};
}

/// The body a PR_RTF_COMPRESSED holds; nullopt if it is corrupt.
std::optional<Body> rtf_body(const mapi::Message& message, ComposeContext& context) {
  const auto decompressed = mapi::decompress_rtf(*message.get(mapi::PR_RTF_COMPRESSED));
  if (!decompressed) return std::nullopt;
  const auto kind = rtf_kind(decompressed->rtf);
  if (kind == RtfKind::invalid) return std::nullopt;
  if (!decompressed->checksum_good) {
    context.warn("the checksum of the RTF body is wrong; its text is sent all the same");
  }
  if (kind == RtfKind::encapsulated_html) {
    // PR_HTML beside it is the original (§4.1 rule 2).
    if (has_html(message)) return Body{std::nullopt, stored_html(message, context)};
    return Body{std::nullopt, Html{html_from_rtf(decompressed->rtf)}};
  }
  if (kind == RtfKind::rtf) {
    context.warn("the formatting of the RTF body is not sent, only its text");
  }
  if (has_text(message)) return Body{std::string(message.get_or(mapi::PR_BODY, "")), std::nullopt};
  return Body{text_from_rtf(decompressed->rtf), std::nullopt};
}

Body plain_body(const mapi::Message& message) {
  return {std::string(message.get_or(mapi::PR_BODY, "")), std::nullopt};
}

/// The body in its own form, before alternatives are made.
Body original_body(const mapi::Message& message, ComposeContext& context) {
  auto kind = preferred_kind(message);
  if (kind == Kind::rtf) {
    if (auto body = rtf_body(message, context)) return std::move(*body);
    kind = has_html(message) ? Kind::html : Kind::text;
    context.warn(std::string("the RTF body is corrupt; ") +
                 (kind == Kind::html  ? "the HTML body is sent"
                  : has_text(message) ? "the plain text body is sent"
                                      : "there is no other, the message is sent empty"));
  }
  if (kind == Kind::html) return {std::nullopt, stored_html(message, context)};
  return plain_body(message);
}

/// Adds and removes alternatives as PR_INETMAIL_OVERRIDE_FORMAT says.
void choose_alternatives(Body& body, const mapi::Message& message, ComposeContext& context) {
  const auto wanted = message.get_or(mapi::PR_INETMAIL_OVERRIDE_FORMAT, 0);
  const bool html_only =
      (wanted & override_html_only) != 0 && (wanted & override_text_and_html) == 0;
  if (html_only) return;
  const auto plain = message.get_or(mapi::PR_BODY, "");
  body.text = is_blank(plain) ? text_from_html(body.html->text) : std::string(plain);
  if ((wanted & override_is_set) != 0 && (wanted & override_text_and_html) == 0) {
    context.warn("the message asks to be sent as plain text; its HTML body is left out");
    body.html.reset();
  }
}

/// Text has no NUL. If there are some, a writer stored UTF-16 as 8-bit text (real files do), and
/// what remains is right.
void remove_nul(Body& body) {
  if (body.text) std::erase(*body.text, '\0');
  if (body.html) std::erase(body.html->text, '\0');
}

}  // namespace

Body choose_body(const mapi::Message& message, ComposeContext& context) {
  auto body = original_body(message, context);
  if (body.html) choose_alternatives(body, message, context);
  remove_nul(body);
  return body;
}

std::unique_ptr<Entity> body_entity(const Body& body, ComposeContext& context) {
  auto html = body.html ? html_entity(body.html->text) : nullptr;
  if (html && !body.text) return html;
  auto text = text_entity("text/plain", body.text.value_or(""));
  if (!html) return text;
  auto alternative = Entity::multipart("multipart/alternative", make_boundary(context.options));
  alternative->add_part(std::move(text));
  alternative->add_part(std::move(html));
  return alternative;
}

}  // namespace postern::mime
