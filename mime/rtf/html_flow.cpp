#include "mime/rtf/html_flow.h"

#include <algorithm>
#include <utility>

namespace postern::mime {
namespace {

constexpr std::size_t deepest_table = 8;  // deeper ones count as this one
constexpr std::size_t size_of_table_tags = 100;
constexpr std::size_t size_of_cell_tags = 30;  // with those of its row

}  // namespace

void HtmlFlow::block(std::size_t depth, std::string_view html) {
  level(depth).content += html;
  size_ += html.size();
}

void HtmlFlow::end_of_cell(std::size_t depth) {
  auto& table = level(std::max<std::size_t>(depth, 1));
  size_ += size_of_cell_tags;
  const auto content = std::exchange(table.content, {});
  table.cells += "<td>" + (content.empty() ? "&nbsp;" : content) + "</td>";
}

void HtmlFlow::end_of_row(std::size_t depth) {
  auto& table = level(std::max<std::size_t>(depth, 1));
  if (!table.content.empty()) end_of_cell(depth);
  if (table.cells.empty()) return;
  table.rows += "<tr>" + std::exchange(table.cells, {}) + "</tr>\r\n";
  table.has_border = table.has_border || has_border_;
}

std::string HtmlFlow::finish() {
  return std::move(level(0).content);
}

HtmlFlow::Level& HtmlFlow::level(std::size_t depth) {
  const auto wanted = std::min(depth, deepest_table);
  while (levels_.size() - 1 > wanted) close_table();
  while (levels_.size() - 1 < wanted) {
    levels_.emplace_back();
    size_ += size_of_table_tags;
  }
  return levels_.back();
}

void HtmlFlow::close_table() {
  end_of_row(levels_.size() - 1);
  const auto table = std::move(levels_.back());
  levels_.pop_back();
  if (table.rows.empty()) return;
  levels_.back().content += "<table border=\"" + std::string(table.has_border ? "1" : "0") +
                            "\" cellspacing=\"0\" cellpadding=\"3\">\r\n" + table.rows +
                            "</table>\r\n";
}

}  // namespace postern::mime
