// Makes line ends those of mail: CRLF, CR and LF all become CRLF, and the last line is ended
// (RFC 5322 §2.3).
#pragma once

#include "base/octet_transform.h"

#pragma GCC visibility push(default)
namespace postern {

/// The transform of a stream of text.
class LineEnds final : public OctetTransform {
 public:
  void feed(std::string_view octets, std::string& out) override;
  void finish(std::string& out) override;

 private:
  bool after_cr_ = false;
  bool at_line_start_ = true;
};

/// The text with such line ends.
std::string with_crlf(std::string_view text);

}  // namespace postern
#pragma GCC visibility pop
