// The plain-text output of an HTML renderer: white space collapses, breaks between blocks merge,
// list marks and cell tabs are only written if text follows them. Blanks at the end of a line,
// non-breaking ones too, are dropped. Lines end with CRLF.
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
  /// Appends directly to the text so far, before any pending line end.
  void annotate(std::string_view note);

  /// A block begins or ends: at least this many line ends before the next text.
  void block(std::size_t line_ends);
  /// <br>: one line end more.
  void line_break() { ++line_ends_; }
  /// At most one line end before the next text, whatever the blocks inside asked for.
  void close_row() { line_ends_ = 1; }

  /// A mark before the next text, on a new line; a block directly after it stays on that line.
  void start_item(std::string mark);
  void end_item();
  /// A block at the start of a cell stays on the cell's line.
  void start_cell() { joins_block_ = true; }
  void end_cell() { joins_block_ = false; }
  /// The next text continues the current line after a tab.
  void next_cell();

  /// The number of the current line, and of the line of the next text.
  [[nodiscard]] std::size_t line() const { return line_; }
  [[nodiscard]] std::size_t next_line() const { return text_.empty() ? 0 : line_ + line_ends_; }

  [[nodiscard]] std::size_t size() const { return text_.size(); }
  [[nodiscard]] std::string_view since(std::size_t start) const {
    return std::string_view(text_).substr(std::min(start, text_.size()));
  }

  /// Returns the text, its last line ended. No further text may be added.
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
