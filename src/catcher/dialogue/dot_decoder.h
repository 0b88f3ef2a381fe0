// Removes dot-stuffing (RFC 5321 §4.5.2) from content that comes in blocks cut anywhere.
//
// The content ends with a line that is a dot alone, and only CRLF ends a line: a bare CR or LF
// around a dot is content, which prevents SMTP smuggling.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace postern::catcher {

class DotDecoder {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// Passes the decoded octets to `sink` and returns how many of the block belong to the content:
  /// all of them, until `ended()`; the next command follows them.
  std::size_t decode(std::string_view block, const Sink& sink);

  [[nodiscard]] bool ended() const { return state_ == State::ended; }

 private:
  enum class State { text, cr, line_start, dot, dot_cr, ended };

  std::size_t copy_text(std::string_view block, std::size_t position, const Sink& sink);

  State state_ = State::line_start;
};

}  // namespace postern::catcher
