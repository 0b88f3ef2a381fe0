#include "cli/input/collected_mail.h"

#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "cli/input/descriptor_reader.h"
#include "mapi/temporary_file.h"

namespace postern::cli {
namespace {

/// Finds the line that is a lone dot, whatever blocks the octets come in.
class DotEnd {
 public:
  [[nodiscard]] bool is_reached() const { return is_reached_; }

  /// What of the octets so far is known to stand before the end.
  std::string before(std::string_view block) {
    std::string known;
    for (const char octet : block) {
      if (takes(octet)) continue;
      if (is_reached_) break;
      known.append(held_).push_back(octet);
      held_.clear();
      is_line_start_ = octet == '\n';
    }
    return known;
  }

 private:
  /// Whether the octet may belong to the end, which is kept back. At the end of the input it does.
  bool takes(char octet) {
    const bool continues =
        (is_line_start_ && held_.empty() && octet == '.') || (held_ == "." && octet == '\r');
    if (continues) held_ += octet;
    is_reached_ = !held_.empty() && octet == '\n';
    return continues;
  }

  std::string held_;
  bool is_line_start_ = true;
  bool is_reached_ = false;
};

}  // namespace

mapi::Content collect_mail(OctetReader& reader, MailEnd end) {
  constexpr std::size_t block_size = std::size_t{64} << 10U;
  mapi::TemporaryFile file(mapi::temporary_directory());
  std::vector<char> block(block_size);
  DotEnd dot;
  while (!dot.is_reached()) {
    const auto count = reader.read(std::as_writable_bytes(std::span(block)));
    if (count == 0) break;
    const std::string_view octets(block.data(), count);
    if (end == MailEnd::lone_dot) {
      file.write(dot.before(octets));
    } else {
      file.write(octets);
    }
  }
  return file.content();
}

mapi::Content collect_standard_input(MailEnd end) {
  return collect_mail(*read_descriptor(STDIN_FILENO, false, "standard input"), end);
}

}  // namespace postern::cli
