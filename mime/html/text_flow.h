// Plain text as it grows under an HTML renderer: white space that collapses, breaks between blocks
// that merge, list marks and cell tabs that only show when something follows them. Blanks at the
// end of a line, non-breaking ones too, are dropped. Lines end with CRLF.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace postern::mime {

class TextFlow {
 public:
  /// Text whose runs of white space (and control characters) are one blank.
  void collapsed(std::string_view text);
  /// Text whose blanks and lines are kept.
  void preformatted(std::string_view text);
  /// Goes on right behind the text so far, before any line end that is to come.
  void annotate(std::string_view note);

  /// A block begins or ends: at least this many line ends before the next text.
  void block(std::size_t line_ends);
  /// <br>: one line end more.
  void line_break() { ++line_ends_; }
  /// At most one line end before the next text, whatever the blocks inside asked for.
  void close_row() { line_ends_ = 1; }

  /// A mark before the next text, on a line of its own; a block right behind it goes on there.
  void start_item(std::string mark);
  void end_item();
  /// A block at the start of a cell goes on where the cell begins.
  void start_cell() { joins_block_ = true; }
  void end_cell() { joins_block_ = false; }
  /// The next text stands on the line at hand, behind a tab.
  void next_cell();

  /// The number of the line at hand, and of the one the next text will stand on.
  [[nodiscard]] std::size_t line() const { return line_; }
  [[nodiscard]] std::size_t next_line() const { return text_.empty() ? 0 : line_ + line_ends_; }

  [[nodiscard]] std::size_t size() const { return text_.size(); }
  [[nodiscard]] std::string_view since(std::size_t start) const {
    return std::string_view(text_).substr(std::min(start, text_.size()));
  }

  /// The text, its last line ended; nothing more can be added.
  std::string finish();

 private:
  void settle();
  void trim_line();

  std::string text_;
  std::size_t line_start_ = 0;
  std::size_t line_ = 0;
  std::size_t line_ends_ = 0;  // to come before the next text
  bool blank_ = false;         // to come before the next text, unless a line begins
  bool tab_ = false;           // likewise
  bool joins_block_ = false;
  std::string mark_;
};

}  // namespace postern::mime
