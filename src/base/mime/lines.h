// The lines of a source, pulled through one buffer of 64 KiB.
//
// CRLF, a bare CR and a bare LF all end a line, since sending makes CRLF of each. A line longer
// than the buffer comes in pieces; a piece that begins a line holds all of it or at least 4096
// octets, enough to recognise the line. A CRLF is never cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/octet_reader.h"

#pragma GCC visibility push(default)
namespace postern {

inline constexpr std::string_view crlf = "\r\n";

struct LinePiece {
  std::string_view text;  ///< without the line's end
  std::string_view end;   ///< "\r\n", "\r", "\n"; empty: the line goes on, or the source has ended
  bool begins = false;    ///< a line begins with this piece

  /// Text and end, which lie together.
  [[nodiscard]] std::string_view octets() const { return {text.data(), text.size() + end.size()}; }
};

class LineReader {
 public:
  static constexpr std::size_t min_piece = 4096;

  explicit LineReader(std::unique_ptr<OctetReader> reader);

  /// The next line as far as it is buffered; nullopt if the buffer has to be filled first.
  [[nodiscard]] std::optional<LinePiece> buffered() const;
  /// The next line, after filling the buffer if needed; nullopt at the source's end.
  std::optional<LinePiece> next();
  /// Moves past a piece that buffered() or next() returned. Pieces stay valid until the buffer is
  /// filled.
  void take(const LinePiece& piece);
  /// Whether an LF is buffered.
  [[nodiscard]] bool sees_line_feed() const { return line_feed_ < end_; }
  /// How many octets of the source were taken.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  [[nodiscard]] std::string_view rest() const;
  void fill();
  void find_line_feed();

  std::unique_ptr<OctetReader> reader_;
  std::unique_ptr<char[]> buffer_;
  std::uint64_t taken_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t line_feed_ = 0;  ///< the first from begin_ on, or end_: searched once, not per CR
  bool at_line_start_ = true;
  bool exhausted_ = false;
};

}  // namespace postern
#pragma GCC visibility pop
