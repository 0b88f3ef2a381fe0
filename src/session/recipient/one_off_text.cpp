#include "session/recipient/one_off_text.h"

#include "base/text.h"
#include "mapi/property_tags.h"

namespace postern::session {
namespace {

std::string escaped(std::string_view text, std::string_view with_a_meaning = "[]\\") {
  std::string result;
  for (const char octet : text) {
    if (is_control(octet)) {
      result += "\\x";
      append_hex(result, octet);
    } else {
      if (with_a_meaning.find(octet) != std::string_view::npos) result += '\\';
      result += octet;
    }
  }
  return result;
}

std::optional<unsigned> hex_digit(char octet) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto at = digits.find(upper_case({&octet, 1}));
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(at);
}

/// Takes the text before the first of `ends` that is not quoted off `rest`, with that octet.
/// Nullopt if there is none, or a quoting is incomplete.
std::optional<std::string> take_unquoted(std::string_view& rest, std::string_view ends) {
  std::string taken;
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (ends.find(rest[at]) != std::string_view::npos) {
      rest.remove_prefix(at + 1);
      return taken;
    }
    if (rest[at] != '\\') {
      taken += rest[at];
      continue;
    }
    if (++at == rest.size()) return std::nullopt;
    if (rest[at] != 'x') {
      taken += rest[at];
      continue;
    }
    if (at + 2 >= rest.size()) return std::nullopt;
    const auto high = hex_digit(rest[at + 1]);
    const auto low = hex_digit(rest[at + 2]);
    if (!high || !low) return std::nullopt;
    taken += static_cast<char>(*high * 16 + *low);
    at += 2;
  }
  return std::nullopt;
}

/// Whether all of it can be an address: texts are UTF-8 here, and an SMTP address has a form.
bool is_usable(const mapi::Address& address) {
  if (address.type.empty() || address.address.empty()) return false;
  if (!is_utf8(address.display_name) || !is_utf8(address.type) || !is_utf8(address.address)) {
    return false;
  }
  return !equals_ignoring_case(address.type, "SMTP") || mapi::is_smtp_address(address.address);
}

}  // namespace

std::string one_off_text(const mapi::Address& address) {
  return escaped(address.display_name) + '[' + escaped(address.type, "[]\\:") + ':' +
         escaped(address.address) + ']';
}

std::optional<mapi::Address> parse_one_off_text(std::string_view text) {
  text = trim(text);
  if (mapi::is_smtp_address(text))
    return mapi::Address{std::string(text), "SMTP", std::string(text)};
  const auto name = take_unquoted(text, "[");
  const auto type = name ? take_unquoted(text, ":") : std::nullopt;
  const auto address = type ? take_unquoted(text, "]") : std::nullopt;
  if (!address || !trim(text).empty()) return std::nullopt;
  mapi::Address found{std::string(trim(*name)), std::string(trim(*type)),
                      std::string(trim(*address))};
  if (found.display_name.empty()) found.display_name = found.address;
  if (!is_usable(found)) return std::nullopt;
  return found;
}

}  // namespace postern::session
