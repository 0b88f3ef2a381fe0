#include "smtp/dkim_wire_lines.h"

#include <utility>

namespace postern::smtp {

WireLines::WireLines(Sink sink) : sink_(std::move(sink)) {}

void WireLines::write(std::string_view block) {
  stuffed_.clear();
  stuffing_.write(block, stuffed_);
  receive(stuffed_);
}

void WireLines::finish() {
  constexpr std::string_view end_of_content = ".\r\n";
  stuffed_.clear();
  stuffing_.finish(stuffed_);
  stuffed_.resize(stuffed_.size() - end_of_content.size());
  receive(stuffed_);
}

// DotStuffing never cuts a CRLF, nor a dot from what it was put in front of.
void WireLines::receive(std::string_view octets) {
  while (!octets.empty()) {
    if (at_line_start_ && octets.front() == '.') octets.remove_prefix(1);
    const std::size_t line_feed = octets.find('\n');
    at_line_start_ = line_feed != std::string_view::npos;
    sink_(octets.substr(0, at_line_start_ ? line_feed - 1 : line_feed), at_line_start_);
    octets.remove_prefix(at_line_start_ ? line_feed + 1 : octets.size());
  }
}

}  // namespace postern::smtp
