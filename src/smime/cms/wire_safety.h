// Whether octets pass every relay unchanged (RFC 8551 §3.1.3): 7bit, no NUL, CRLF line ends, no
// line over 998 octets (RFC 5321 §4.5.3.1.6).
#pragma once

#include <cstddef>
#include <string_view>

namespace postern::smime {

class WireSafety {
 public:
  /// Blocks may be cut anywhere.
  void feed(std::string_view octets);
  [[nodiscard]] bool is_safe() const { return is_safe_ && !after_cr_; }

 private:
  std::size_t line_ = 0;
  bool after_cr_ = false;
  bool is_safe_ = true;
};

}  // namespace postern::smime
