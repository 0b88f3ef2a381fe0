// The content as its receiver gets it, cut into lines: bare CRs and LFs have become CRLF, a missing
// last CRLF is added, no dot is doubled (RFC 5321 §4.5.2).
//
// The octets go through the engine's own DotStuffing, so that what is hashed cannot differ from
// what is sent. Constant memory: long lines come in pieces.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "smtp/content/dot_stuffing.h"

namespace postern::smtp {

class WireLines {
 public:
  /// Gets a line, or a part of one, without its CRLF; `line_ends`: the CRLF follows.
  using Sink = std::function<void(std::string_view text, bool line_ends)>;

  explicit WireLines(Sink sink);
  /// Blocks may be cut anywhere.
  void write(std::string_view block);
  void finish();

 private:
  void receive(std::string_view octets);

  Sink sink_;
  DotStuffing repair_{Dots::plain};
  std::string wire_;
};

}  // namespace postern::smtp
