#include "base/line_ends.h"

namespace postern {

void LineEnds::feed(std::string_view octets, std::string& out) {
  while (!octets.empty()) {
    if (after_cr_ && octets.front() == '\n') octets.remove_prefix(1);
    after_cr_ = false;
    const auto end = octets.find_first_of("\r\n");
    const auto line = octets.substr(0, end);
    out += line;
    if (!line.empty()) at_line_start_ = false;
    if (end == std::string_view::npos) return;
    out += "\r\n";
    at_line_start_ = true;
    after_cr_ = octets[end] == '\r';
    octets.remove_prefix(end + 1);
  }
}

void LineEnds::finish(std::string& out) {
  if (!at_line_start_) out += "\r\n";
}

std::string with_crlf(std::string_view text) {
  LineEnds line_ends;
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  line_ends.feed(text, out);
  line_ends.finish(out);
  return out;
}

}  // namespace postern
