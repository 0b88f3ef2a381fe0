#include "smime/cms/wire_safety.h"

#include "base/text.h"

namespace postern::smime {

void WireSafety::feed(std::string_view octets) {
  constexpr std::size_t longest_line = 998;
  for (const char octet : octets) {
    if (!is_safe_) return;
    const bool is_line_end = after_cr_ && octet == '\n';
    const bool is_bare = after_cr_ != (octet == '\n');
    after_cr_ = octet == '\r';
    if (is_line_end) {
      line_ = 0;
      continue;
    }
    line_ += after_cr_ ? 0 : 1;
    is_safe_ = !is_bare && !is_high(octet) && octet != '\0' && line_ <= longest_line;
  }
}

}  // namespace postern::smime
