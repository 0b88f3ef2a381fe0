#include "base/quoted_printable.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/octet_set.h"
#include "base/text.h"

namespace postern {
namespace {

constexpr std::size_t longest_line = 76;
/// How an octet is encoded depends on at most so many octets from it on ("From ").
constexpr std::size_t longest_look = 5;
constexpr std::string_view crlf = "\r\n";

constexpr auto literals = OctetSet("\t").with(' ', '<').with('>', '~');

/// Eight octets at once: the lowest bit that is set is in the first octet that is "=" or no
/// printable ASCII. What is borrowed from or carried into a neighbour is so behind that octet.
constexpr std::uint64_t not_printable(std::uint64_t octets) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  const auto is_control = octets - ones * ' ';
  const auto is_delete = octets + ones;
  const auto is_equals = (octets ^ ones * '=') - ones;
  return (octets | is_control | is_delete | is_equals) & ones << 7U;
}

bool line_ends_at(std::string_view text) {
  return text.empty() || text.starts_with(crlf);
}

}  // namespace

std::size_t literal_size(std::string_view octets) {
  std::size_t size = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (std::uint64_t word = 0; size + sizeof word <= octets.size();) {
      std::memcpy(&word, octets.data() + size, sizeof word);
      const auto found = not_printable(word);
      size += found == 0 ? sizeof word : static_cast<std::size_t>(std::countr_zero(found)) / 8;
      if (found == 0) continue;
      if (octets[size] != '\t') return size;
      ++size;
    }
  }
  while (size < octets.size() && literals.contains(octets[size])) ++size;
  return size;
}

void QuotedPrintable::feed(std::string_view octets, std::string& out) {
  carry_ += octets;
  encode(carry_, longest_look, out);
}

void QuotedPrintable::finish(std::string& out) {
  encode(carry_, 0, out);
}

/// Encodes what has more than `look_ahead` octets from it on, and takes it off the carry.
void QuotedPrintable::encode(std::string_view text, std::size_t look_ahead, std::string& out) {
  while (text.size() > look_ahead) {
    if (text.starts_with(crlf)) {
      out += crlf;
      column_ = 0;
      text.remove_prefix(crlf.size());
    } else if (const auto run = append_run(text.substr(0, text.size() - look_ahead), out)) {
      text.remove_prefix(run);
    } else {
      encode_first(text, out);
      text.remove_prefix(1);
    }
  }
  carry_.erase(0, carry_.size() - text.size());
}

/// What goes as it is: not at a line's beginning, no blank at its end. Returns its size.
std::size_t QuotedPrintable::append_run(std::string_view octets, std::string& out) {
  constexpr std::size_t room = longest_line - 1;  // a soft line break may follow
  if (column_ < 2 || column_ >= room) return 0;
  const auto next = octets.substr(0, room - column_);
  auto run = literal_size(next);
  while (run > 0 && is_blank(next[run - 1])) --run;
  out += next.substr(0, run);
  column_ += run;
  return run;
}

/// The first octet, which is not a line end.
void QuotedPrintable::encode_first(std::string_view rest, std::string& out) {
  const std::size_t room = line_ends_at(rest.substr(1)) ? longest_line : longest_line - 1;
  if (column_ + (must_be_quoted(rest) ? 3U : 1U) > room) break_line(out);
  if (must_be_quoted(rest)) {
    out += '=';
    append_hex(out, rest.front());
    column_ += 3;
  } else {
    after_hyphen_ = column_ == 0 && rest.front() == '-';
    out += rest.front();
    ++column_;
  }
}

bool QuotedPrintable::must_be_quoted(std::string_view rest) const {
  const char octet = rest.front();
  if (is_blank(octet)) return line_ends_at(rest.substr(1));
  if (!literals.contains(octet)) return true;
  if (column_ == 0) return octet == '.' || rest.starts_with("From ");
  return column_ == 1 && after_hyphen_ && octet == '-';
}

void QuotedPrintable::break_line(std::string& out) {
  out += "=\r\n";
  column_ = 0;
}

}  // namespace postern
