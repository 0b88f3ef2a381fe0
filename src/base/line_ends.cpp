#include "base/line_ends.h"

namespace postern {

namespace {

/// The next LF, looked for once however often it is asked for.
class NextLineFeed {
 public:
  std::size_t in(std::string_view octets, std::size_t start) {
    const auto* from = octets.data() + start;
    const auto* end = octets.data() + octets.size();
    if (found_ == nullptr || found_ < from) {
      const auto at = octets.find('\n', start);
      found_ = at == std::string_view::npos ? end : octets.data() + at;
    }
    return found_ == end ? std::string_view::npos
                         : static_cast<std::size_t>(found_ - octets.data());
  }

 private:
  const char* found_ = nullptr;
};

/// How much of the text at the front has line ends that are all CRLF.
std::size_t canonical_length(std::string_view octets, NextLineFeed& line_feed) {
  std::size_t start = 0;
  while (true) {
    const auto end = line_feed.in(octets, start);
    const auto line = octets.substr(start, end - start);
    const auto carriage_return = line.find('\r');
    if (end == std::string_view::npos) {
      return carriage_return == std::string_view::npos ? octets.size() : start + carriage_return;
    }
    if (carriage_return == std::string_view::npos) return end;
    if (carriage_return + 1 != line.size()) return start + carriage_return;
    start = end + 1;
  }
}

}  // namespace

void LineEnds::feed(std::string_view octets, std::string& out) {
  NextLineFeed line_feed;
  while (!octets.empty()) {
    if (after_cr_ && octets.front() == '\n') octets.remove_prefix(1);
    after_cr_ = false;
    const auto length = canonical_length(octets, line_feed);
    out += octets.substr(0, length);
    if (length > 0) at_line_start_ = octets[length - 1] == '\n';
    octets.remove_prefix(length);
    if (octets.empty()) return;
    out += "\r\n";
    at_line_start_ = true;
    after_cr_ = octets.front() == '\r';
    octets.remove_prefix(1);
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
