#include "smtp/seven_bit/encoding.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <openssl/evp.h>

#include "base/text.h"

namespace postern::smtp {
namespace {

constexpr std::string_view crlf = "\r\n";
/// One less than RFC 2045 §6.7 (5) allows: whether a soft line break follows is not known yet.
constexpr std::size_t room_of_line = 75;

bool is_8bit(char octet) {
  return static_cast<unsigned char>(octet) >= 0x80;
}

/// The octets that may stand for themselves, blanks among them (RFC 2045 §6.7 (2), (3)).
constexpr std::array<bool, 256> literals = [] {
  std::array<bool, 256> table{};
  for (std::size_t octet = ' '; octet <= '~'; ++octet) table[octet] = octet != '=';
  table['\t'] = true;
  return table;
}();

bool is_literal(char octet) {
  return literals[static_cast<unsigned char>(octet)];
}

struct Line {
  std::string_view text, end;
};

/// Takes the first line off octets that are not empty. One look at each octet, so that no mixture
/// of line ends makes it slow.
Line take_line(std::string_view& octets) {
  const auto* const found = std::find_if(octets.begin(), octets.end(),
                                         [](char octet) { return octet == '\r' || octet == '\n'; });
  const auto length = static_cast<std::size_t>(found - octets.begin());
  const std::string_view rest = octets.substr(length);
  const std::size_t end = std::min<std::size_t>(rest.size(), rest.starts_with(crlf) ? 2 : 1);
  const Line line{octets.substr(0, length), rest.substr(0, end)};
  octets = rest.substr(end);
  return line;
}

}  // namespace

bool has_8bit(std::string_view octets) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  constexpr std::size_t words = 8;
  std::uint64_t block[words];
  for (; octets.size() >= sizeof block; octets.remove_prefix(sizeof block)) {
    std::memcpy(block, octets.data(), sizeof block);
    std::uint64_t all = 0;
    for (const std::uint64_t word : block) all |= word;
    if ((all & high_bits) != 0) return true;
  }
  return !is_ascii(octets);
}

void append_with_crlf(std::string_view octets, std::string& out) {
  while (!octets.empty()) {
    const Line line = take_line(octets);
    out += line.text;
    if (!line.end.empty()) out += crlf;
  }
}

void append_replacing_8bit(std::string_view octets, std::string& out) {
  while (!octets.empty()) {
    const Line line = take_line(octets);
    const std::size_t at = out.size();
    out += line.text;
    if (has_8bit(line.text)) {
      std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(at), out.end(), is_8bit, '?');
      if (out[at] == '-') out[at] = '?';
    }
    out += line.end;
  }
}

void QuotedPrintableEncoder::feed(std::string_view octets, std::string& out) {
  while (!octets.empty()) {
    if (octets.front() == '\r') {
      end_line(out);
      octets.remove_prefix(crlf.size());
      continue;
    }
    release_blank(out);
    std::size_t run = 0;  // what goes as it is: not at a line's beginning, no blank at its end
    if (column_ > 1) {
      const std::string_view next = octets.substr(0, room_of_line - column_);
      run = static_cast<std::size_t>(std::find_if_not(next.begin(), next.end(), is_literal) -
                                     next.begin());
      if (run > 0 && is_blank(next[run - 1])) --run;
    }
    if (run > 0) {
      out += octets.substr(0, run);
      column_ += run;
    } else if (is_blank(octets.front())) {
      blank_ = octets.front();
      run = 1;
    } else {
      put(octets.front(), out);
      run = 1;
    }
    octets.remove_prefix(run);
  }
}

void QuotedPrintableEncoder::finish(std::string& out) {
  if (blank_ != 0) quote(std::exchange(blank_, char{}), out);
}

void QuotedPrintableEncoder::end_line(std::string& out) {
  finish(out);
  out += crlf;
  column_ = 0;
}

void QuotedPrintableEncoder::release_blank(std::string& out) {
  if (blank_ != 0) put(std::exchange(blank_, char{}), out);
}

void QuotedPrintableEncoder::put(char c, std::string& out) {
  if (!is_literal(c)) return quote(c, out);
  make_room(1, out);
  const bool second_hyphen = column_ == 1 && hyphen_first_ && c == '-';
  if (second_hyphen || (column_ == 0 && c == '.')) return quote(c, out);
  hyphen_first_ = column_ == 0 && c == '-';
  out += c;
  ++column_;
}

void QuotedPrintableEncoder::quote(char c, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::size_t width = 3;
  make_room(width, out);
  const auto octet = static_cast<unsigned char>(c);
  const char quoted[width] = {'=', digits[octet >> 4U], digits[octet & 0xFU]};
  out.append(quoted, width);
  column_ += width;
}

void QuotedPrintableEncoder::make_room(std::size_t width, std::string& out) {
  if (column_ + width <= room_of_line) return;
  out += "=\r\n";
  column_ = 0;
}

void Base64Encoder::feed(std::string_view octets, std::string& out) {
  if (!carry_.empty()) {
    const std::string_view missing = octets.substr(0, octets_per_line - carry_.size());
    carry_ += missing;
    octets.remove_prefix(missing.size());
    if (carry_.size() < octets_per_line) return;
    append_line(carry_, out);
  }
  for (; octets.size() >= octets_per_line; octets.remove_prefix(octets_per_line)) {
    append_line(octets.substr(0, octets_per_line), out);
  }
  carry_ = octets;
}

void Base64Encoder::finish(std::string& out) {
  if (!carry_.empty()) append_line(carry_, out);
  carry_.clear();
}

void Base64Encoder::append_line(std::string_view octets, std::string& out) {
  unsigned char line[line_size + 1];  // OpenSSL puts a NUL after it
  const int size = EVP_EncodeBlock(line, reinterpret_cast<const unsigned char*>(octets.data()),
                                   static_cast<int>(octets.size()));
  out.append(reinterpret_cast<const char*>(line), static_cast<std::size_t>(size)).append(crlf);
}

}  // namespace postern::smtp
