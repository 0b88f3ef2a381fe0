#include "smtp/dkim/wire_lines.h"

#include <utility>

namespace postern::smtp {

WireLines::WireLines(Sink sink) : sink_(std::move(sink)) {}

void WireLines::write(std::string_view block) {
  wire_.clear();
  repair_.write(block, wire_);
  receive(wire_);
}

void WireLines::finish() {
  wire_.clear();
  repair_.finish(wire_);
  receive(wire_);
}

// Each CR that DotStuffing gives has its LF after it, be it in the next block.
void WireLines::receive(std::string_view octets) {
  while (!octets.empty()) {
    const std::size_t line_feed = octets.find('\n');
    const bool line_ends = line_feed != std::string_view::npos;
    std::string_view text = octets.substr(0, line_feed);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (line_ends || !text.empty()) sink_(text, line_ends);
    octets.remove_prefix(line_ends ? line_feed + 1 : octets.size());
  }
}

}  // namespace postern::smtp
