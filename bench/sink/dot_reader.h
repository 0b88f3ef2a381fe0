// Finds the end of the content after DATA, CRLF "." CRLF, and counts the octets of the message
// before it, stuffed dots taken off (RFC 5321 §4.5.2).
//
// The content may be cut anywhere. Dots are searched, not line ends, as text has fewer of them.
// Only CRLF ends a line here: a dot between bare LFs is content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern::bench {

class DotReader {
 public:
  /// Takes the content's octets from the front of the block, at most to the end of the content;
  /// returns how many.
  std::size_t take(std::string_view block);
  [[nodiscard]] bool finished() const { return place_ == Place::finished; }
  /// Of the message, once finished.
  [[nodiscard]] std::uint64_t octets() const { return octets_; }

 private:
  /// What precedes the next octet.
  enum class Place { text, cr, line_end, dot, dot_cr, finished };
  static Place place_behind(std::string_view text);
  void step(char octet);

  Place place_ = Place::line_end;
  std::uint64_t octets_ = 0;
};

}  // namespace postern::bench
