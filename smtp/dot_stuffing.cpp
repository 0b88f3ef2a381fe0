#include "smtp/dot_stuffing.h"

#include <algorithm>

namespace postern::smtp {

// Lines are found with string_view::find, which is memchr, and copied many at a time: a loop over
// octets, or an append for each line, costs more than the pipelining gains on messages of 100 KB.
void DotStuffing::write(std::string_view block, std::string& out) {
  out.reserve(out.size() + block.size() + block.size() / 32);
  if (held_cr_ && !block.empty()) {
    held_cr_ = false;
    if (block.front() == '\n') block.remove_prefix(1);
  }
  std::size_t run = 0;  // what begins here needs no change so far
  std::size_t at = 0;
  std::size_t line_feed = block.find('\n');
  while (at < block.size()) {
    if (at_line_start_ && block[at] == '.' && dots_ == Dots::stuffed) {
      out.append(block, run, at - run).push_back('.');
      run = at;
    }
    if (line_feed < at) line_feed = block.find('\n', at);
    const std::size_t end = std::min(line_feed, block.size());
    const std::size_t cr = block.substr(at, end - at).find('\r');
    at_line_start_ = false;
    if (cr == std::string_view::npos && end == block.size()) break;  // a line's front
    const bool whole = cr != std::string_view::npos && at + cr + 1 == line_feed;
    at_line_start_ = true;
    if (whole) {
      at = line_feed + 1;
      continue;
    }
    // A bare CR, a bare LF, or a CR at the block's end, whose LF may follow.
    const std::size_t text_end = cr != std::string_view::npos ? at + cr : line_feed;
    out.append(block, run, text_end - run).append("\r\n");
    at = run = text_end + 1;
    held_cr_ = cr != std::string_view::npos && at == block.size();
  }
  out.append(block, run);
}

void DotStuffing::finish(std::string& out) {
  if (!at_line_start_) out.append("\r\n");
  at_line_start_ = true;
  if (dots_ == Dots::stuffed) out.append(".\r\n");
}

}  // namespace postern::smtp
