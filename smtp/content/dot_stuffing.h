// The content as it goes over the wire: every line ended by CRLF, and behind DATA dot-stuffed and
// ended by a lone dot (RFC 5321 §4.5.2); behind BDAT (RFC 3030) neither.
//
// A resumable transform: blocks may be cut anywhere. A bare CR or a bare LF becomes CRLF, since
// servers disagree on what it is and some see the end of the message in it; a missing last CRLF is
// added. All other octets, NUL and lines of any length among them, go through unchanged.
#pragma once

#include <string>
#include <string_view>

namespace postern::smtp {

enum class Dots { stuffed, plain };

class DotStuffing {
 public:
  explicit DotStuffing(Dots dots = Dots::stuffed) : dots_(dots) {}

  /// Appends the block to `out`. A CR at its end may lack its LF, with which the next one begins.
  void write(std::string_view block, std::string& out);
  /// Appends what ends the content: the last line's end if it is missing, and the lone
  /// dot where dots are stuffed.
  void finish(std::string& out);

 private:
  void write_whole_lines(std::string_view slice, std::string& out);
  void write_octets(std::string_view slice, std::string& out);

  Dots dots_;
  char last_ = '\n';  ///< octet that was written
};

}  // namespace postern::smtp
