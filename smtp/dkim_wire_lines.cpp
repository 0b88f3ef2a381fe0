#include "smtp/dkim_wire_lines.h"

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

// DotStuffing never cuts a CRLF.
void WireLines::receive(std::string_view octets) {
  while (!octets.empty()) {
    const std::size_t line_feed = octets.find('\n');
    const bool line_ends = line_feed != std::string_view::npos;
    sink_(octets.substr(0, line_ends ? line_feed - 1 : line_feed), line_ends);
    octets.remove_prefix(line_ends ? line_feed + 1 : octets.size());
  }
}

}  // namespace postern::smtp
