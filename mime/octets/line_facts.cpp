#include "mime/octets/line_facts.h"

#include <algorithm>

#include "base/quoted_printable.h"
#include "base/text.h"

namespace postern::mime {
namespace {

constexpr std::string_view mbox_mark = "From ";

}  // namespace

void LineScanner::feed(std::string_view octets) {
  while (!octets.empty()) {
    if (const auto size = literal_size(octets); size != 0) {
      take_plain(octets.substr(0, size));
      octets.remove_prefix(size);
    } else if (!is_behind_cr_ && octets.starts_with("\r\n")) {
      end_line();
      octets.remove_prefix(2);
    } else {
      take_special(octets.front());
      octets.remove_prefix(1);
    }
  }
}

void LineScanner::take_plain(std::string_view octets) {
  if (is_behind_cr_) facts_.is_canonical = false;
  is_behind_cr_ = false;
  if (line_ < mbox_mark.size() && is_like_mbox_line_) {
    const auto rest = mbox_mark.substr(static_cast<std::size_t>(line_));
    const auto size = std::min(rest.size(), octets.size());
    is_like_mbox_line_ = octets.substr(0, size) == rest.substr(0, size);
    if (is_like_mbox_line_ && size == rest.size()) facts_.has_mbox_line = true;
  }
  line_ += octets.size();
}

void LineScanner::take_special(char octet) {
  if (octet == '\n') {
    if (!is_behind_cr_) {
      facts_.is_canonical = false;
      end_line();
    }
    is_behind_cr_ = false;
    return;
  }
  if (is_behind_cr_) facts_.is_canonical = false;
  is_behind_cr_ = octet == '\r';
  if (is_behind_cr_) {
    end_line();
    return;
  }
  ++line_;
  is_like_mbox_line_ = false;
  facts_.has_8bit = facts_.has_8bit || is_high(octet);
  facts_.has_nul = facts_.has_nul || octet == '\0';
  ++facts_.quotable;
}

void LineScanner::end_line() {
  constexpr std::size_t crlf_size = 2;
  facts_.size += line_ + crlf_size;
  facts_.longest_line = std::max(facts_.longest_line, line_);
  line_ = 0;
  is_like_mbox_line_ = true;
}

LineFacts LineScanner::finish() const {
  LineScanner whole = *this;
  whole.facts_.is_last_line_open = line_ != 0;
  if (is_behind_cr_) whole.facts_.is_canonical = false;
  if (line_ != 0) whole.end_line();
  return whole.facts_;
}

LineFacts line_facts(std::string_view text) {
  LineScanner scanner;
  scanner.feed(text);
  return scanner.finish();
}

}  // namespace postern::mime
