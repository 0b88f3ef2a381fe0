#include "bench/sink/dot_reader.h"

#include <algorithm>

namespace postern::bench {
namespace {

constexpr std::size_t end_octets = 3;  ///< the dot and its line end, counted before they are known

/// The next dot that may begin a line, or the end of the block.
std::size_t find_dot(std::string_view block, std::size_t from) {
  std::size_t dot = block.find('.', from);
  while (dot != std::string_view::npos && dot > from && block[dot - 1] != '\n') {
    dot = block.find('.', dot + 1);
  }
  return std::min(dot, block.size());
}

}  // namespace

DotReader::Place DotReader::place_behind(std::string_view text) {
  if (text.ends_with("\r\n")) return Place::line_end;
  return text.ends_with('\r') ? Place::cr : Place::text;
}

std::size_t DotReader::take(std::string_view block) {
  std::size_t taken = 0;
  while (taken < block.size() && !finished()) {
    if (place_ == Place::text) {
      const std::size_t dot = find_dot(block, taken);
      place_ = place_behind(block.substr(taken, dot - taken));
      octets_ += dot - taken;
      taken = dot;
      if (taken == block.size()) break;
    }
    step(block[taken++]);
  }
  return taken;
}

void DotReader::step(char octet) {
  ++octets_;
  switch (place_) {
    case Place::dot_cr:
      if (octet == '\n') {
        place_ = Place::finished;
        octets_ -= end_octets;
        return;
      }
      --octets_;
      break;
    case Place::dot:
      if (octet == '\r') {
        place_ = Place::dot_cr;
        return;
      }
      --octets_;
      break;
    case Place::line_end:
      if (octet == '.') {
        place_ = Place::dot;
        return;
      }
      break;
    case Place::cr:
      if (octet == '\n') {
        place_ = Place::line_end;
        return;
      }
      break;
    case Place::text:
    case Place::finished:
      break;
  }
  place_ = octet == '\r' ? Place::cr : Place::text;
}

}  // namespace postern::bench
