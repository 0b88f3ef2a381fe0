// What decides how text is sent (mapi-to-mime.md §5): read once, in blocks of any size.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern::mime {

/// CR, LF and CRLF all end a line.
struct LineFacts {
  std::uint64_t size = 0;  ///< with CRLF line ends, one after the last line too
  std::uint64_t longest_line = 0;
  std::uint64_t quotable = 0;  ///< octets that quoted-printable does not leave as they are
  bool has_8bit = false;
  bool has_nul = false;
  bool has_mbox_line = false;      ///< a line that begins with "From "
  bool is_canonical = true;        ///< every line end there is one is CRLF
  bool is_last_line_open = false;  ///< it has no line end

  friend bool operator==(const LineFacts&, const LineFacts&) = default;
};

/// A reading in progress.
class LineScanner {
 public:
  void feed(std::string_view octets);
  [[nodiscard]] LineFacts finish() const;

 private:
  void take_plain(std::string_view octets);
  void take_special(char octet);
  void end_line();

  LineFacts facts_;
  std::uint64_t line_ = 0;         // its size so far
  bool is_like_mbox_line_ = true;  // so far
  bool is_behind_cr_ = false;
};

LineFacts line_facts(std::string_view text);

}  // namespace postern::mime
