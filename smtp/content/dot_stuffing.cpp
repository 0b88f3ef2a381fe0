#include "smtp/content/dot_stuffing.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace postern::smtp {
namespace {

constexpr std::size_t slice_size = 512;  ///< octets looked at together

using Vector [[gnu::vector_size(16)]] = char;

Vector load(const char* octets) {
  Vector loaded;
  std::memcpy(&loaded, octets, sizeof loaded);
  return loaded;
}

bool is_zero(Vector vector) {
  std::array<std::uint64_t, 2> halves{};
  static_assert(sizeof halves == sizeof vector);
  std::memcpy(halves.data(), &vector, sizeof vector);
  return (halves[0] | halves[1]) == 0;
}

/// Whether one of two neighbours is half a line end.
bool is_bare(char first, char second) {
  return (first == '\r') != (second == '\n');
}

/// Whether each CR has its LF after it and each LF its CR before it; a CR may end the slice.
bool has_whole_line_ends(char before, std::string_view slice) {
  bool bare = is_bare(before, slice.front());
  Vector bares{};
  std::size_t at = 1;
  for (; at + sizeof(Vector) <= slice.size(); at += sizeof(Vector)) {
    const char* const octets = slice.data() + at;
    bares |= Vector((load(octets - 1) == '\r') ^ (load(octets) == '\n'));
  }
  for (; at < slice.size(); ++at) bare |= is_bare(slice[at - 1], slice[at]);
  return !bare && is_zero(bares);
}

}  // namespace

// A loop over octets, or one over lines, costs more than the pipelining gains on messages of
// 100 KB. In most of a message no line end needs a change, which is quickly seen.
void DotStuffing::write(std::string_view block, std::string& out) {
  out.reserve(out.size() + block.size() + block.size() / 32);
  while (!block.empty()) {
    const std::string_view slice = block.substr(0, slice_size);
    if (has_whole_line_ends(last_, slice)) {
      write_whole_lines(slice, out);
    } else {
      write_octets(slice, out);
    }
    block.remove_prefix(slice.size());
  }
}

void DotStuffing::write_whole_lines(std::string_view slice, std::string& out) {
  std::size_t written = 0;
  if (dots_ == Dots::stuffed) {
    if (last_ == '\n' && slice.front() == '.') out.push_back('.');
    for (std::size_t at; (at = slice.find("\n.", written)) != std::string_view::npos;) {
      out.append(slice, written, at + 1 - written).push_back('.');
      written = at + 1;
    }
  }
  out.append(slice, written);
  last_ = slice.back();
}

void DotStuffing::write_octets(std::string_view slice, std::string& out) {
  for (const char octet : slice) {
    if (last_ == '\r' && octet != '\n') out.push_back(last_ = '\n');
    if (last_ != '\r' && octet == '\n') out.push_back('\r');
    if (last_ == '\n' && octet == '.' && dots_ == Dots::stuffed) out.push_back('.');
    out.push_back(octet);
    last_ = octet;
  }
}

void DotStuffing::finish(std::string& out) {
  if (last_ == '\r') {
    out.push_back('\n');
  } else if (last_ != '\n') {
    out.append("\r\n");
  }
  if (dots_ == Dots::stuffed) out.append(".\r\n");
}

}  // namespace postern::smtp
