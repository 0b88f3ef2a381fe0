#include "mime/header/parameter_encoding.h"

#include <algorithm>
#include <vector>

#include "base/percent_encoding.h"
#include "base/text.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

constexpr std::size_t longest_plain_value = 60;
/// With the name, the section number and the blank before it a line stays within its size.
constexpr std::size_t longest_section = 48;

bool is_plain(std::string_view text) {
  return text.size() <= longest_plain_value && is_printable_ascii(text) &&
         text.find_first_of("\"\\") == std::string_view::npos &&
         text.find("=?") == std::string_view::npos;
}

/// A subset of attribute-char (RFC 2231 §7) that every reader agrees about.
bool is_attribute_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_';
}

void append_encoded(std::string& out, char c) {
  if (is_attribute_char(c)) {
    out += c;
  } else {
    append_percent_encoded(out, c);
  }
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

/// Percent-encoded pieces, cut between characters.
std::vector<std::string> sections(std::string_view text) {
  std::vector<std::string> result{""};
  for (std::size_t i = 0; i < text.size();) {
    std::string character;
    append_encoded(character, text[i]);
    for (++i; i < text.size() && continues_character(text[i]); ++i) {
      append_encoded(character, text[i]);
    }
    if (result.back().size() + character.size() > longest_section) result.emplace_back();
    result.back() += character;
  }
  return result;
}

/// Takes a token (RFC 2045 §5.1) from the front; whether there is one.
bool take_token(std::string_view& text) {
  constexpr std::string_view specials = "()<>@,;:\\\"/[]?= ";
  const auto end = std::find_if(text.begin(), text.end(), [specials](char c) {
    return c <= ' ' || c > '~' || specials.find(c) != std::string_view::npos;
  });
  const auto size = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(size);
  return size > 0;
}

bool take_quoted_string(std::string_view& text) {
  if (!text.starts_with('"')) return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return true;
    }
    if (text[i] == '\\') ++i;
  }
  return false;
}

}  // namespace

bool has_sound_parameters(std::string_view value) {
  value.remove_prefix(std::min(value.find(';'), value.size()));
  while (!value.empty()) {
    value = trim(value.substr(1));
    if (!take_token(value) || !value.starts_with('=')) return false;
    value.remove_prefix(1);
    if (!take_quoted_string(value) && !take_token(value)) return false;
    value = trim(value);
    if (!value.empty() && value.front() != ';') return false;
  }
  return true;
}

std::string parameter(std::string_view name, std::string_view text) {
  const auto line = one_line(text);
  const std::string start = "; " + std::string(name);
  if (is_plain(line)) return start + "=\"" + line + '"';
  const auto pieces = sections(line);
  if (pieces.size() == 1) return start + "*=utf-8''" + pieces.front();
  std::string value;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    value += start + '*' + std::to_string(i) + (i == 0 ? "*=utf-8''" : "*=") + pieces[i];
  }
  return value;
}

std::string parameter_for_old_readers(std::string_view name, std::string_view text) {
  const auto line = one_line(text);
  const std::string start = "; " + std::string(name) + "=\"";
  return start + (is_plain(line) ? line : encoded_words(line, name.size() + 3)) + '"';
}

}  // namespace postern::mime
