// The canonical forms that DKIM hashes (RFC 6376 §3.4): "simple" takes the octets as they are,
// "relaxed" ignores changes of white space (and, in headers, of the names' case and folding).
//
// The input is the message as it is sent: every line is ended by CRLF, no dots are doubled. A body
// of any size is taken piece by piece in constant memory; lines may be of any length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "smtp/dkim_settings.h"

namespace postern::smtp {

/// A header field, from its name to its end. With or without the last CRLF, which is kept.
std::string canonical_field(std::string_view field, Canonicalization canonicalization);

class CanonicalBody {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// The canonical body is passed to `sink`, in pieces of any size.
  CanonicalBody(Canonicalization canonicalization, Sink sink);
  /// Takes a line, or a part of one, without its CRLF.
  void write(std::string_view text, bool line_ends);
  void finish();

 private:
  void write_relaxed(std::string_view text);
  void put(std::string_view text);
  void end_line();
  void flush(std::size_t at_least);

  Canonicalization canonicalization_;
  Sink sink_;
  std::string out_;
  std::uint64_t empty_lines_ = 0;  ///< of which it is not known whether they end the body
  bool blank_ = false;             ///< white space that may end the line
  bool line_has_text_ = false;
  bool body_has_text_ = false;
};

}  // namespace postern::smtp
