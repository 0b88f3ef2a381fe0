// The blocks of the HTML made of RTF: paragraphs, and tables within cells of tables. Only whole
// blocks come in; what the RTF leaves open is closed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::mime {

class HtmlFlow {
 public:
  /// A block `depth` tables deep; tables that are deeper end before it.
  void block(std::size_t depth, std::string_view html);
  /// Ends the current cell and the current row of the table at that depth, from 1.
  void end_of_cell(std::size_t depth);
  void end_of_row(std::size_t depth);
  /// The row that is described is drawn with lines, or is the first of others.
  void set_border(bool has_border) { has_border_ = has_border; }

  /// Everything; nothing may be added any more.
  std::string finish();

  /// The size of what `finish` would give, roughly.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Level {
    std::string content;  // of the document, or of the current cell
    std::string cells;    // of the current row
    std::string rows;
    bool has_border = false;
  };

  Level& level(std::size_t depth);
  void close_table();

  std::vector<Level> levels_{1};
  bool has_border_ = false;
  std::size_t size_ = 0;
};

}  // namespace postern::mime
