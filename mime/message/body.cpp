#include "mime/message/body.h"

#include "base/line_ends.h"
#include "base/text.h"
#include "mapi/code_page.h"
#include "mapi/compressed_rtf.h"
#include "mapi/property_tags.h"
#include "mapi/utf.h"
#include "mime/html/html.h"
#include "mime/rtf/body.h"

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

/// The code page of a byte order mark, 0 without one.
int page_of_byte_order_mark(std::string_view octets) {
  if (octets.starts_with("\xEF\xBB\xBF")) return mapi::code_page_utf8;
  if (octets.starts_with("\xFF\xFE")) return 1200;
  return octets.starts_with("\xFE\xFF") ? 1201 : 0;
}

bool is_utf16(int code_page) {
  return code_page == 1200 || code_page == 1201;
}

/// §4.5: byte order mark; PR_INTERNET_CPID when clean; the meta element when clean; UTF-8; 1252.
Html decode_html(std::string_view octets, int internet_code_page) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (const int page = page_of_byte_order_mark(octets); page != 0) {
    auto text = mapi::decode(octets, page).text;
    if (text.starts_with(mark)) text.erase(0, mark.size());
    return {std::move(text), std::nullopt};
  }
  const auto declared = mapi::code_page_of(meta_charset(octets).value_or(""));
  for (const int page : {internet_code_page, declared.value_or(0), mapi::code_page_utf8}) {
    if (!mapi::is_known_code_page(page) || is_utf16(page)) continue;
    if (auto decoded = mapi::decode(octets, page); decoded.clean) {
      return {std::move(decoded.text), StoredOctets{std::string(octets), page}};
    }
  }
  return {mapi::decode(octets, mapi::code_page_windows_1252).text,
          StoredOctets{std::string(octets), mapi::code_page_windows_1252}};
}

Html stored_html(const mapi::Message& message) {
  if (const auto* octets = message.get(mapi::PR_HTML)) {
    return decode_html(as_text(*octets), message.get_or(mapi::PR_INTERNET_CPID, 0));
  }
  return {std::string(message.get_or(mapi::PR_BODY_HTML, "")), std::nullopt};
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
    if (has_html(message)) return Body{std::nullopt, stored_html(message)};
    return Body{std::nullopt, Html{html_from_rtf(decompressed->rtf), std::nullopt}};
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
  if (kind == Kind::html) return {std::nullopt, stored_html(message)};
  return plain_body(message);
}

int declared_code_page(const mapi::Message& message) {
  return message.get_or(mapi::PR_INTERNET_CPID, message.get_or(mapi::PR_MESSAGE_CODEPAGE, 0));
}

/// Code pages whose charset exists but is badly supported or dangerous (§4.5's avoid list), and
/// those that have no charset to send.
bool may_be_sent(int code_page) {
  constexpr int iso_2022_kr = 50225;
  constexpr int hz_gb_2312 = 52936;
  return code_page != iso_2022_kr && code_page != hz_gb_2312 &&
         !mapi::charset_name(code_page).empty();
}

struct EncodedText {
  std::string octets;
  int code_page;
};

/// §4.5: us-ascii, else the declared page, else UTF-8. Text whose lines end with CRLF.
EncodedText encode_text(std::string_view text, int code_page) {
  if (is_ascii(text)) return {std::string(text), mapi::code_page_us_ascii};
  if (may_be_sent(code_page) && code_page != mapi::code_page_utf8) {
    if (auto octets = mapi::encode(text, code_page)) return {std::move(*octets), code_page};
  }
  return {is_utf8(text) ? std::string(text) : mapi::from_utf16le(mapi::to_utf16le(text)),
          mapi::code_page_utf8};
}

std::unique_ptr<Entity> encoded_text_entity(std::string_view media_type, const EncodedText& text) {
  const auto encoding = text_encoding(text.octets);
  return Entity::leaf(std::string(media_type) + "; charset=\"" +
                          std::string(mapi::charset_name(text.code_page)) + '"',
                      mapi::Content::from_text(text.octets), encoding);
}

std::unique_ptr<Entity> html_entity(const Html& html, int declared) {
  constexpr std::string_view type = "text/html";
  auto encoded = encode_text(html.text, declared);
  // us-ascii is part of every charset that a meta element may name: it stays correct.
  if (encoded.code_page == mapi::code_page_us_ascii) {
    return text_entity(type, html.text, declared);
  }
  if (html.stored && html.stored->code_page == encoded.code_page) {
    return encoded_text_entity(type, {with_crlf(html.stored->octets), encoded.code_page});
  }
  const auto corrected = with_meta_charset(html.text, mapi::charset_name(encoded.code_page));
  return text_entity(type, corrected, declared);
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
  if (body.html && std::erase(body.html->text, '\0') != 0) body.html->stored.reset();
}

}  // namespace

Body choose_body(const mapi::Message& message, ComposeContext& context) {
  auto body = original_body(message, context);
  if (body.html) choose_alternatives(body, message, context);
  remove_nul(body);
  return body;
}

std::unique_ptr<Entity> text_entity(std::string_view media_type, std::string_view text,
                                    int declared_code_page) {
  return encoded_text_entity(media_type, encode_text(with_crlf(text), declared_code_page));
}

std::unique_ptr<Entity> body_entity(const mapi::Message& message, const Body& body,
                                    ComposeContext& context) {
  const int declared = declared_code_page(message);
  auto html = body.html ? html_entity(*body.html, declared) : nullptr;
  if (html && !body.text) return html;
  auto text = text_entity("text/plain", body.text.value_or(""), declared);
  if (!html) return text;
  auto alternative = Entity::multipart("multipart/alternative", make_boundary(context.options));
  alternative->add_part(std::move(text));
  alternative->add_part(std::move(html));
  return alternative;
}

}  // namespace postern::mime
