// Plain tables for people: columns as wide as their widest cell, two blanks between them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const { return rows_.size() == 1; }

  /// With the header; one line a row, no trailing blanks. Control characters in cells, which may
  /// come from messages and servers, become blanks, so that they reach no terminal.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// The text with control characters as blanks, cut with "…" to `width` characters (0: not cut).
std::string for_display(std::string_view text, std::size_t width = 0);

/// The number of columns the text takes on a terminal: one per character, two for wide ones.
std::size_t display_width(std::string_view text);

}  // namespace postern::cli
