#include "smtp/dot_stuffing.h"

namespace postern::smtp {

// Lines are found with string_view::find, which is memchr: a loop over octets costs more than the
// pipelining gains on messages of 100 KB.
void DotStuffing::write(std::string_view block, std::string& out) {
  out.reserve(out.size() + block.size() + block.size() / 32);
  if (held_cr_ && !block.empty()) {
    held_cr_ = false;
    if (block.front() == '\n') block.remove_prefix(1);
  }
  while (!block.empty()) {
    const std::size_t line_feed = block.find('\n');
    std::string_view segment = block.substr(0, line_feed);
    bool line_ends = line_feed != std::string_view::npos;
    block.remove_prefix(line_ends ? line_feed + 1 : block.size());
    for (std::size_t cr = segment.find('\r'); cr != std::string_view::npos;
         cr = segment.find('\r')) {
      write_line(segment.substr(0, cr), out);
      end_line(out);
      segment.remove_prefix(cr + 1);
      if (!segment.empty()) continue;
      held_cr_ = !line_ends;
      line_ends = false;  // the LF belongs to this CR
    }
    write_line(segment, out);
    if (line_ends) end_line(out);
  }
}

void DotStuffing::end_line(std::string& out) {
  out.append("\r\n");
  at_line_start_ = true;
}

void DotStuffing::write_line(std::string_view text, std::string& out) {
  if (text.empty()) return;
  if (at_line_start_ && text.front() == '.' && dots_ == Dots::stuffed) out += '.';
  out.append(text);
  at_line_start_ = false;
}

void DotStuffing::finish(std::string& out) {
  if (!at_line_start_) end_line(out);
  if (dots_ == Dots::stuffed) out.append(".\r\n");
}

}  // namespace postern::smtp
