#include "mime/message/report_fields.h"

#include <cstdint>

#include <unicode/unistr.h>

#include "base/text.h"
#include "mime/header/header_encoding.h"
#include "mime/message/address_header.h"

namespace postern::mime {
namespace {

/// A value without a blank cannot be folded and has to leave room on its line (RFC 5322 §2.1.1).
constexpr std::size_t longest_unfolded = 900;
constexpr std::size_t longest_host = 255;  // RFC 1035 §2.3.4

/// QCHAR of RFC 6533 §3, without what xtext gives a meaning.
bool is_plain_in_address(UChar32 c) {
  return c > ' ' && c < 0x7F && c != '+' && c != '=' && c != '\\';
}

/// A character as `\x{HEX}` (RFC 6533 §3).
std::string embedded_character(UChar32 character) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string hex;
  for (auto rest = static_cast<std::uint32_t>(character); rest != 0; rest >>= 4U) {
    hex.insert(hex.begin(), digits[rest & 0xFU]);
  }
  return "\\x{" + hex + "}";
}

/// The address in ASCII.
std::string utf8_address_encoded(std::string_view address) {
  const auto text = icu::UnicodeString::fromUTF8(std::string(address));
  std::string out;
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
    const auto character = text.char32At(at);
    out += is_plain_in_address(character) ? std::string(1, static_cast<char>(character))
                                          : embedded_character(character);
  }
  return out;
}

}  // namespace

void ReportFields::add(std::string_view name, std::string_view value) {
  if (!value.empty()) text_ += fold(name, value);
}

void ReportFields::add_text(std::string_view name, std::string_view text) {
  add(name, encode_unstructured(text, name.size() + 2));
}

void ReportFields::add_typed(std::string_view name, std::string_view type, std::string_view text) {
  const auto value = encode_unstructured(trim(text), name.size() + type.size() + 4);
  if (!value.empty()) add(name, std::string(type) + "; " + value);
}

std::string typed_recipient(const mapi::PropertyBag& bag, const mapi::AddressGroup& group) {
  const auto address = mapi::smtp_address(bag, group);
  if (!address) return {};
  auto value = wire_address(*address, false);
  std::string type = "rfc822; ";
  if (!value) {
    type = "utf-8; ";
    value = utf8_address_encoded(*address);
  }
  return value->size() > longest_unfolded ? std::string() : type + *value;
}

std::string typed_recipient_or_name(const mapi::PropertyBag& bag, const mapi::AddressGroup& group) {
  auto typed = typed_recipient(bag, group);
  if (!typed.empty()) return typed;
  auto name = bag.get_or(group.email_address, "");
  if (trim(name).empty()) name = bag.get_or(group.display_name, "");
  const auto shown = encode_unstructured(trim(name), 28);
  return "x-unknown; " + (shown.empty() ? "unknown" : shown);
}

std::string typed_host(std::string_view stored, std::string_view otherwise) {
  auto host = one_line(stored);
  if (const auto address = host.find('['); address != 0) host = trim(host.substr(0, address));
  if (host.empty() || host.size() > longest_host || !is_printable_ascii(host)) host = otherwise;
  if (host.empty()) return {};
  return host.find(';') == std::string::npos ? "dns; " + host : host;
}

}  // namespace postern::mime
