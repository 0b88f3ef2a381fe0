#include "smtp/dialogue/transcript.h"

#include <fmt/format.h>

#include "base/text.h"

namespace postern::smtp {

void Transcript::client_said(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  keep(fmt::format("C: {}", line));
}

void Transcript::server_said(const Reply& reply) {
  for (std::string_view rest = reply.text;;) {
    const std::size_t end = rest.find('\n');
    const bool last = end == std::string_view::npos;
    keep(fmt::format("S: {}{}{}", reply.code, last ? ' ' : '-', rest.substr(0, end)));
    if (last) return;
    rest.remove_prefix(end + 1);
  }
}

void Transcript::note(std::string_view text) {
  keep("-- " + printable(text));
}

void Transcript::append(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) keep(line);
}

void Transcript::keep(std::string line) {
  if (full_) return;
  full_ = lines_.size() + 1 == max_lines_ || octets_ + line.size() > max_octets;
  if (!full_) octets_ += line.size();
  lines_.push_back(full_ ? "-- the rest is left out" : std::move(line));
}

}  // namespace postern::smtp
