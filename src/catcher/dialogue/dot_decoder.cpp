#include "catcher/dialogue/dot_decoder.h"

namespace postern::catcher {

std::size_t DotDecoder::decode(std::string_view block, const Sink& sink) {
  std::size_t position = 0;
  while (position < block.size() && state_ != State::ended) {
    const char c = block[position];
    switch (state_) {
      case State::text:
        position = copy_text(block, position, sink);
        break;
      case State::cr:
        sink(block.substr(position++, 1));
        state_ = c == '\n' ? State::line_start : c == '\r' ? State::cr : State::text;
        break;
      case State::line_start:
        if (c == '.') ++position;
        state_ = c == '.' ? State::dot : State::text;
        break;
      case State::dot:
        if (c == '\r') ++position;
        state_ = c == '\r' ? State::dot_cr : State::text;
        break;
      case State::dot_cr:
        if (c == '\n') {
          ++position;
          state_ = State::ended;
        } else {
          sink("\r");  // the dot was stuffing after all, the CR after it is content
          state_ = State::cr;
        }
        break;
      case State::ended:
        break;
    }
  }
  return position;
}

/// Copies up to the next dot that begins a line or to the block's end; returns the new position.
std::size_t DotDecoder::copy_text(std::string_view block, std::size_t position, const Sink& sink) {
  const std::size_t line_end = block.find("\r\n.", position);
  if (line_end != std::string_view::npos) {
    sink(block.substr(position, line_end + 2 - position));
    state_ = State::dot;
    return line_end + 3;
  }
  const std::string_view rest = block.substr(position);
  sink(rest);
  state_ = rest.ends_with("\r\n") ? State::line_start
           : rest.ends_with('\r') ? State::cr
                                  : State::text;
  return block.size();
}

}  // namespace postern::catcher
