// The content as it is sent: every line ended by CRLF, and after DATA dot-stuffed and
// ended by a lone dot (RFC 5321 §4.5.2); after BDAT (RFC 3030) neither.
//
// A resumable transform: blocks may be cut anywhere. A bare CR or a bare LF becomes CRLF, since
// servers interpret it differently, some as the end of the message; a missing last CRLF is added.
// All other octets, NUL and lines of any length among them, are unchanged.
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
  /// Appends the last line's end if it is missing, and the lone dot if dots are stuffed.
  void finish(std::string& out);

 private:
  void write_whole_lines(std::string_view slice, std::string& out);
  void write_octets(std::string_view slice, std::string& out);

  Dots dots_;
  char last_ = '\n';  ///< octet that was written
};

}  // namespace postern::smtp
