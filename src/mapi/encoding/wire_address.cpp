#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <unicode/uchar.h>

#include "base/internationalized_domain.h"
#include "base/octet_set.h"
#include "base/percent_encoding.h"
#include "base/text.h"
#include "mapi/address.h"

namespace postern::mapi {
namespace {

bool is_invisible(char32_t character) {
  const auto value = static_cast<UChar32>(character);
  return u_isUWhiteSpace(value) != 0 || u_charType(value) == U_FORMAT_CHAR ||
         u_charType(value) == U_CONTROL_CHAR;
}

/// Without blanks of any kind, zero-width and bidirectional marks at both ends: they are pasted
/// along with addresses, and nobody sees them.
std::string_view trim_invisible(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view behind = rest;
    const auto character = take_character(behind);
    if (!character || !is_invisible(*character)) break;
    rest = behind;
  }
  std::size_t end = 0;  // behind the last visible character
  for (std::string_view tail = rest; !tail.empty();) {
    const auto character = take_character(tail);
    if (!character) return rest;
    if (!is_invisible(*character)) end = rest.size() - tail.size();
  }
  return rest.substr(0, end);
}

bool strip_prefix(std::string_view& text, std::string_view prefix) {
  if (!equals_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool strip_pair(std::string_view& text, std::string_view open, std::string_view close) {
  if (text.size() < open.size() + close.size() || !text.starts_with(open) ||
      !text.ends_with(close)) {
    return false;
  }
  text = text.substr(open.size(), text.size() - open.size() - close.size());
  return true;
}

/// The last `<…>` of "Name <a@b>"; the whole if there is none.
std::string_view in_brackets(std::string_view text) {
  const auto open = text.rfind('<');
  const bool has_them = open != std::string_view::npos && text.ends_with('>');
  return has_them ? text.substr(open + 1, text.size() - open - 2) : text;
}

/// What is plainly one address (mapi-to-mime.md §2.3), without what stands around it.
std::string cleaned(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> quotes{
      std::pair{"'", "'"}, {"\u2018", "\u2019"}};
  std::string decoded;
  for (std::size_t before = text.size() + 1; text.size() < before;) {
    before = text.size();
    text = trim_invisible(text);
    while (text.ends_with(';') || text.ends_with('.')) text.remove_suffix(1);
    for (const auto& [open, close] : quotes) strip_pair(text, open, close);
    text = in_brackets(text);
    strip_prefix(text, "SMTP:");
    if (strip_prefix(text, "mailto:")) {
      decoded = percent_decoded(text.substr(0, text.find('?')));
      text = decoded;
    }
  }
  return std::string(text);
}

/// atext of RFC 5322 §3.2.3, and what RFC 6532 adds.
constexpr auto atom_octets = OctetSet("!#$%&'*+-/=?^_`{|}~").with_letters_and_digits().with_high();

bool is_dot_atom(std::string_view text) {
  bool is_behind_dot = true;
  for (const char octet : text) {
    if (octet == '.' ? is_behind_dot : !atom_octets.contains(octet)) return false;
    is_behind_dot = octet == '.';
  }
  return !is_behind_dot;
}

/// Most addresses are: nothing is to be done with them.
bool is_plain(std::string_view text) {
  return is_ascii(text) && is_dot_atom(text.substr(0, text.rfind('@'))) && is_smtp_address(text);
}

/// The content of a quoted-string; nullopt if it is none.
std::optional<std::string> unquoted(std::string_view text) {
  if (!strip_pair(text, "\"", "\"")) return std::nullopt;
  std::string content;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return std::nullopt;
    if (text[i] == '\\' && ++i == text.size()) return std::nullopt;
    content += text[i];
  }
  return content;
}

/// As a dot-atom, else as a quoted-string (RFC 5322 §3.4.1). One that holds an @, a bracket or a
/// separator is more likely a list, a name or a URL than one address.
std::optional<std::string> local_part(std::string_view text) {
  const auto quoted = unquoted(text);
  const std::string content = quoted ? *quoted : std::string(text);
  if (content.empty() || has_control(content)) return std::nullopt;
  if (is_dot_atom(content) && trim_invisible(content) == content) return content;
  if (!quoted && content.find_first_of("@<>\",;:") != std::string::npos) return std::nullopt;
  std::string result = "\"";
  for (const char octet : content) {
    if (octet == '"' || octet == '\\') result += '\\';
    result += octet;
  }
  return result + '"';
}

/// Without zero-width and bidirectional marks; joiners have a meaning in some scripts.
std::string without_invisible(std::string_view text) {
  constexpr char32_t non_joiner = 0x200C;
  constexpr char32_t joiner = 0x200D;
  std::string result;
  while (!text.empty()) {
    const auto before = text;
    const auto character = take_character(text);
    if (!character) return {};
    const auto type = u_charType(static_cast<UChar32>(*character));
    const bool is_joiner = *character == non_joiner || *character == joiner;
    if (type != U_FORMAT_CHAR || is_joiner) result += before.substr(0, before.size() - text.size());
  }
  return result;
}

std::optional<std::string> domain_part(std::string_view text) {
  auto domain = is_ascii(text) ? std::optional(std::string(text)) : a_labels(text);
  if (!domain && !is_ascii(text)) domain = a_labels(without_invisible(text));
  return domain;
}

}  // namespace

std::optional<std::string> wire_address(std::string_view text) {
  constexpr std::size_t longest = 2048;  // of an address and a name, several times over
  if (text.size() > longest || !is_utf8(text)) return std::nullopt;
  if (is_plain(text)) return std::string(text);
  if (has_control(trim_invisible(text))) return std::nullopt;
  const auto address = cleaned(text);
  const auto at = address.rfind('@');
  if (at == std::string::npos) return std::nullopt;
  const auto before_at = trim_invisible(std::string_view(address).substr(0, at));
  const auto local = local_part(before_at.starts_with('"') ? std::string(before_at)
                                                           : without_invisible(before_at));
  const auto domain = domain_part(trim_invisible(std::string_view(address).substr(at + 1)));
  if (!local || !domain) return std::nullopt;
  auto result = *local + '@' + *domain;
  return is_smtp_address(result) ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace postern::mapi
