#include "mime/calendar/content_line.h"

#include <algorithm>

#include "base/text.h"
#include "mapi/utf.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

constexpr std::size_t longest_line = 75;

/// VT, FF, NEL, LS and PS end a line for some readers, as CR and LF do for all.
bool ends_line(char32_t character) {
  return (character >= U'\n' && character <= U'\r') || character == U'\u0085' ||
         character == U'\u2028' || character == U'\u2029';
}

void append_escaped(std::string& out, char32_t character) {
  if (character == U'\\' || character == U';' || character == U',') out += '\\';
  if (character == U'\t' || (character >= U' ' && character != 0x7F)) {
    mapi::append_utf8(out, character);
  }
}

/// Where a line that is too long is cut: not within a character, which has at most four octets.
std::size_t cut_position(std::string_view line, std::size_t room) {
  auto at = room;
  while (at > room - 3 && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U) --at;
  return at;
}

}  // namespace

std::string escaped_text(std::string_view text) {
  const auto valid = is_utf8(text) ? std::string(text) : mapi::from_utf16le(mapi::to_utf16le(text));
  std::string out;
  std::string_view rest = valid;
  bool after_cr = false;
  while (!rest.empty()) {
    const auto character = take_character(rest).value_or(U'\uFFFD');
    if (!ends_line(character)) {
      append_escaped(out, character);
    } else if (character != U'\n' || !after_cr) {
      out += "\\n";
    }
    after_cr = character == U'\r';
  }
  return out;
}

std::string without_line_ends(std::string_view text) {
  std::string line;
  for (std::string_view rest = text; !rest.empty();) {
    const auto before = rest;
    const auto character = take_character(rest);
    if (!character) {
      rest.remove_prefix(1);
    } else if (ends_line(*character) || (*character >= 0x7F && *character < 0xA0)) {
      line += '\n';  // which one_line() takes care of
    } else {
      line += before.substr(0, before.size() - rest.size());
    }
  }
  return one_line(line);
}

std::string quoted_parameter(std::string_view text) {
  auto line = without_line_ends(text);
  std::replace(line.begin(), line.end(), '"', '\'');
  return '"' + line + '"';
}

void append_content_line(std::string& out, std::string_view line) {
  auto room = longest_line;
  while (line.size() > room) {
    const auto at = cut_position(line, room);
    out.append(line.substr(0, at)).append("\r\n ");
    line.remove_prefix(at);
    room = longest_line - 1;
  }
  out.append(line).append("\r\n");
}

}  // namespace postern::mime
