#include "mime/header/header_encoding.h"

#include <algorithm>

#include "base/base64.h"
#include "base/octet_set.h"
#include "base/text.h"
#include "mapi/utf.h"

namespace postern::mime {
namespace {

constexpr std::size_t longest_encoded_word = 75;  // RFC 2047 §2
constexpr std::string_view word_start = "=?utf-8?";
constexpr std::size_t word_overhead = word_start.size() + 4;  // "B?" and "?="

/// Text without a blank for so long cannot be folded and is encoded, so that it can (RFC 5322
/// §2.1.1: no line over 998 octets).
constexpr std::size_t longest_plain_word = 400;

std::string valid_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  return mapi::from_utf16le(mapi::to_utf16le(text));
}

bool has_long_word(std::string_view text) {
  std::size_t run = 0;
  return std::any_of(text.begin(), text.end(), [&run](char c) {
    run = c == ' ' ? 0 : run + 1;
    return run > longest_plain_word;
  });
}

/// What would not survive as it is. `text` is on one line already.
bool needs_encoded_words(std::string_view text) {
  return !is_ascii(text) || text.find("=?") != std::string_view::npos || has_long_word(text);
}

/// What Q leaves as it is (RFC 2047 §5 (3): in a phrase no more than these).
constexpr auto q_literals = OctetSet("!*+-/").with_letters_and_digits();

std::size_t q_size(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text) size += q_literals.contains(c) || c == ' ' ? 1 : 3;
  return size;
}

std::size_t b_size(std::size_t octets) {
  return (octets + 2) / 3 * 4;
}

std::string q_encode(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (q_literals.contains(c)) {
      encoded += c;
    } else if (c == ' ') {
      encoded += '_';
    } else {
      const auto octet = static_cast<unsigned char>(c);
      encoded += {'=', digits[octet >> 4U], digits[octet & 0xFU]};
    }
  }
  return encoded;
}

/// The octets of the character at the front of well-formed UTF-8.
std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

/// How much of the text goes into one encoded word of at most `room` characters: whole characters.
/// Only the last word in base64 has padding, if that can be: some readers (GMime 3.2) join the
/// words before they decode them, and end at the first padding.
std::size_t word_content_size(std::string_view text, std::size_t room, bool use_q) {
  std::size_t size = 0;
  std::size_t unpadded = 0;
  std::size_t q_used = 0;
  while (size < text.size()) {
    const auto next = character_size(text.substr(size));
    q_used += next > 1 ? 3 * next : q_size(text.substr(size, 1));
    const auto needed = use_q ? q_used : b_size(size + next);
    if (needed + word_overhead > room) break;
    size += next;
    if (size % 3 == 0) unpadded = size;
  }
  return use_q || size == text.size() || unpadded == 0 ? size : unpadded;
}

/// Words that need no quotation marks, one blank between them.
bool is_plain_phrase(std::string_view text) {
  constexpr auto atoms_and_blank = OctetSet(" !#$%&'*+-/=?^_`{|}~").with_letters_and_digits();
  return text.find("  ") == std::string_view::npos && atoms_and_blank.contains_all(text);
}

}  // namespace

std::string one_line(std::string_view text) {
  if (is_printable_ascii(text)) return std::string(text);
  const auto valid = valid_utf8(text);
  std::string line;
  line.reserve(valid.size());
  bool gap = false;
  for (const char c : valid) {
    if (is_control(c)) {
      gap = !line.empty();
      continue;
    }
    if (gap) line += ' ';
    gap = false;
    line += c;
  }
  return line;
}

std::string encode_unstructured(std::string_view text, std::size_t used) {
  auto line = one_line(text);
  if (line.empty()) return line;
  const bool blank_at_end = line.front() == ' ' || line.back() == ' ';
  return blank_at_end || needs_encoded_words(line) ? encoded_words(line, used) : line;
}

std::string encode_phrase(std::string_view text, std::size_t used) {
  const auto line = one_line(text);
  const auto phrase = trim(line);
  if (needs_encoded_words(phrase)) return encoded_words(phrase, used);
  return is_plain_phrase(phrase) ? std::string(phrase) : quoted_string(phrase);
}

std::string encoded_words(std::string_view text, std::size_t used) {
  // One character of four octets in Q, or three in base64.
  constexpr std::size_t smallest_room = word_overhead + 16;
  const auto valid = valid_utf8(text);
  std::string_view rest = valid;
  const bool use_q = q_size(rest) <= b_size(rest.size());
  std::string words;
  std::size_t room =
      used + smallest_room > header_line_size ? longest_encoded_word : header_line_size - used;
  room = std::min(room, longest_encoded_word);
  while (!rest.empty()) {
    const auto content = rest.substr(0, word_content_size(rest, room, use_q));
    if (!words.empty()) words += ' ';
    words += word_start;
    words += use_q ? "Q?" + q_encode(content) : "B?" + base64(content);
    words += "?=";
    rest.remove_prefix(content.size());
    room = longest_encoded_word;
  }
  return words;
}

std::string quoted_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string fold(std::string_view name, std::string_view value) {
  std::string block;
  append_folded(block, name, value);
  return block;
}

void append_folded(std::string& block, std::string_view name, std::string_view value) {
  if (name.size() + 2 + value.size() < header_line_size) {
    block.append(name).append(": ").append(value).append("\r\n");
    return;
  }
  std::string line;
  line.reserve(name.size() + 2 + value.size());
  line.append(name).append(": ").append(value);
  std::size_t line_start = 0;
  std::size_t outside = 0;  // the last blank where the line may be broken, not in quotation marks
  std::size_t anywhere = 0;
  bool quoted = false;
  const auto break_before = [&](std::size_t at) {
    block.append(line, line_start, at - line_start).append("\r\n");
    line_start = at;
  };
  // Not right after the name: some readers then count the blank as part of the value.
  for (std::size_t i = name.size() + 2; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && line[i - 1] != '\\') quoted = !quoted;
    // Not behind another blank: a line of blanks alone would end up in obsolete syntax.
    if (c == ' ' && line[i - 1] != ' ') {
      anywhere = i;
      if (!quoted) outside = i;
    }
    if (i - line_start < header_line_size) continue;
    if (outside > line_start) {
      break_before(outside);
    } else if (anywhere > line_start) {
      break_before(anywhere);
    }
  }
  block.append(line, line_start).append("\r\n");
}

bool is_header_name(std::string_view text) {
  return !text.empty() && text.size() < header_line_size &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 0x7F && c != ':'; });
}

bool is_printable_ascii(std::string_view text) {
  static constexpr auto printable = OctetSet("").with(' ', '~');
  return printable.contains_all(text);
}

}  // namespace postern::mime
