#include "smime/message/protection.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "mapi/property_tags.h"

namespace postern::smime {
namespace {

/// The value of smime-type in lower case; empty if there is none.
std::string smime_type(std::string_view content_type) {
  constexpr std::string_view name = "smime-type=";
  const std::string text = lower_case(content_type);
  const auto at = text.find(name);
  if (at == std::string::npos) return {};
  std::string value;
  for (const char octet : std::string_view(text).substr(at + name.size())) {
    if (octet == '"') continue;
    if (octet == ';' || is_blank(octet)) break;
    value += octet;
  }
  return value;
}

}  // namespace

Protection asked_protection(const mapi::Message& message) {
  const auto flags = message.get_or(mapi::PR_SECURITY_FLAGS, 0);
  return {(flags & mapi::SECFLAG_SIGNED) != 0, (flags & mapi::SECFLAG_ENCRYPTED) != 0};
}

Protection protection_of(std::string_view content_type) {
  const auto type = lower_case(trim(content_type.substr(0, content_type.find(';'))));
  if (type == "multipart/signed") return {.is_signed = true, .is_encrypted = false};
  if (type == "multipart/encrypted") return {.is_signed = false, .is_encrypted = true};
  if (type != "application/pkcs7-mime" && type != "application/x-pkcs7-mime") return {};
  constexpr std::array<std::string_view, 2> clear{"compressed-data", "certs-only"};
  const auto kind = smime_type(content_type);
  if (kind == "signed-data") return {.is_signed = true, .is_encrypted = false};
  return {.is_signed = false,
          .is_encrypted = std::find(clear.begin(), clear.end(), kind) == clear.end()};
}

}  // namespace postern::smime
