#include "smtp/seven_bit/filler.h"

#include <algorithm>

#include "base/text.h"

namespace postern::smtp {
namespace {

struct Line {
  std::string_view text, end;
};

/// Takes the first line off octets that are not empty. One look at each octet, so that no mixture
/// of line ends makes it slow.
Line take_line(std::string_view& octets) {
  const auto* const found = std::find_if(octets.begin(), octets.end(),
                                         [](char octet) { return octet == '\r' || octet == '\n'; });
  const auto length = static_cast<std::size_t>(found - octets.begin());
  const std::string_view rest = octets.substr(length);
  const std::size_t end = std::min<std::size_t>(rest.size(), rest.starts_with("\r\n") ? 2 : 1);
  const Line line{octets.substr(0, length), rest.substr(0, end)};
  octets = rest.substr(end);
  return line;
}

}  // namespace

void append_replacing_8bit(std::string_view octets, std::string& out) {
  while (!octets.empty()) {
    const Line line = take_line(octets);
    const std::size_t at = out.size();
    out += line.text;
    if (!is_ascii(line.text)) {
      std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(at), out.end(), is_high, '?');
      if (out[at] == '-') out[at] = '?';
    }
    out += line.end;
  }
}

}  // namespace postern::smtp
