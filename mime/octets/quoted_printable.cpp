#include "mime/octets/quoted_printable.h"

namespace postern::mime {
namespace {

constexpr std::size_t longest_line = 76;
/// How an octet is encoded depends on at most so many octets from it on ("From ").
constexpr std::size_t look_ahead = 5;

bool line_ends_at(std::string_view text) {
  return text.empty() || text.starts_with("\r\n");
}

/// Whether the first octet of `rest`, which is not a line end, has to be written as =XX.
bool must_be_quoted(std::string_view rest, bool at_line_start) {
  const auto c = static_cast<unsigned char>(rest.front());
  if (c == ' ' || c == '\t') return line_ends_at(rest.substr(1));
  if (c < 0x21 || c > 0x7E || c == '=') return true;
  if (!at_line_start) return false;
  return rest.starts_with("From ") || (c == '.' && line_ends_at(rest.substr(1)));
}

void append_quoted(std::string& out, char c) {
  constexpr char digits[] = "0123456789ABCDEF";
  const auto octet = static_cast<unsigned char>(c);
  out += '=';
  out += digits[octet >> 4U];
  out += digits[octet & 0xFU];
}

}  // namespace

/// Encodes the first octet, which is not a line end.
void QuotedPrintable::encode_first(std::string_view rest, std::string& out) {
  const std::size_t room = line_ends_at(rest.substr(1)) ? longest_line : longest_line - 1;
  const std::size_t width = must_be_quoted(rest, column_ == 0) ? 3 : 1;
  if (column_ + width > room) {
    out += "=\r\n";
    column_ = 0;
  }
  if (must_be_quoted(rest, column_ == 0)) {
    append_quoted(out, rest.front());
    column_ += 3;
  } else {
    out += rest.front();
    column_ += 1;
  }
}

void QuotedPrintable::feed(std::string_view octets, std::string& out) {
  carry_ += octets;
  std::string_view rest = carry_;
  while (rest.size() > look_ahead) {
    if (rest.starts_with("\r\n")) {
      out += "\r\n";
      column_ = 0;
      rest.remove_prefix(2);
    } else {
      encode_first(rest, out);
      rest.remove_prefix(1);
    }
  }
  carry_.erase(0, carry_.size() - rest.size());
}

void QuotedPrintable::finish(std::string& out) {
  for (std::string_view rest = carry_; !rest.empty();) {
    if (rest.starts_with("\r\n")) {
      out += "\r\n";
      column_ = 0;
      rest.remove_prefix(2);
    } else {
      encode_first(rest, out);
      rest.remove_prefix(1);
    }
  }
  carry_.clear();
}

}  // namespace postern::mime
