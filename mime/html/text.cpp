// text_from_html: what a reader of the plain-text alternative sees (mapi-to-mime.md §4.1).
#include "base/text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "mime/html/entities.h"
#include "mime/html/html.h"
#include "mime/html/link_target.h"
#include "mime/html/text_flow.h"
#include "mime/html/tokenizer.h"

namespace postern::mime {
namespace {

/// Elements that begin and end a block: line ends before and after.
struct Block {
  std::string_view name;
  std::size_t line_ends;
};
constexpr std::array blocks{
    Block{"address", 1},  Block{"article", 1},    Block{"aside", 1},   Block{"blockquote", 2},
    Block{"body", 1},     Block{"caption", 1},    Block{"center", 1},  Block{"dd", 1},
    Block{"details", 1},  Block{"div", 1},        Block{"dl", 2},      Block{"dt", 1},
    Block{"fieldset", 1}, Block{"figcaption", 1}, Block{"figure", 2},  Block{"footer", 1},
    Block{"form", 1},     Block{"h1", 2},         Block{"h2", 2},      Block{"h3", 2},
    Block{"h4", 2},       Block{"h5", 2},         Block{"h6", 2},      Block{"header", 1},
    Block{"html", 1},     Block{"legend", 1},     Block{"main", 1},    Block{"nav", 1},
    Block{"option", 1},   Block{"p", 2},          Block{"section", 1}, Block{"summary", 1},
};
static_assert(std::is_sorted(blocks.begin(), blocks.end(),
                             [](const Block& a, const Block& b) { return a.name < b.name; }));

std::size_t line_ends_around(std::string_view element) {
  const auto* const found =
      std::lower_bound(blocks.begin(), blocks.end(), element,
                       [](const Block& block, std::string_view name) { return block.name < name; });
  return found != blocks.end() && found->name == element ? found->line_ends : 0;
}

constexpr std::size_t deepest_nesting =
    64;  // of lists and of tables; deeper ones count as this one
constexpr std::size_t indent = 2;
constexpr std::size_t deepest_indent = 8;
constexpr std::string_view rule = "----------------------------------------";

/// Browsers ignore line ends and tabs within a URL.
std::string without_controls(std::string url) {
  std::erase_if(url, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return url;
}

class Renderer {
 public:
  std::string render(std::string_view html);

 private:
  struct List {
    bool is_numbered = false;
    unsigned number = 0;
  };
  /// The current row of a table: the line its first cell begins on.
  struct Row {
    std::optional<std::size_t> line;
  };
  struct OpenAnchor {
    std::string target;
    std::size_t start;
  };

  void text(std::string_view content);
  void start(const HtmlToken& tag);
  void end(const HtmlToken& tag);
  bool list_or_table_part(const HtmlToken& tag);
  void list(bool is_start, bool is_numbered);
  void list_item(bool is_start);
  void table(bool is_start);
  void row(bool is_start);
  void cell(bool is_start);
  void close_link();

  TextFlow flow_;
  std::vector<List> lists_;
  std::vector<Row> rows_;
  std::optional<OpenAnchor> link_;
  std::size_t preformatted_ = 0;
  bool drops_line_end_ = false;  // the first one in <pre>
};

std::string Renderer::render(std::string_view html) {
  HtmlTokenizer tokens(html);
  for (HtmlToken token; tokens.next(token);) {
    switch (token.kind) {
      case HtmlToken::Kind::text:
        text(token.content);
        break;
      case HtmlToken::Kind::start_tag:
        start(token);
        break;
      case HtmlToken::Kind::end_tag:
        end(token);
        break;
      default:
        break;  // style, script, title and comments are not shown
    }
  }
  close_link();
  return flow_.finish();
}

void Renderer::text(std::string_view content) {
  if (preformatted_ == 0) return flow_.collapsed(decode_entities(content));
  if (std::exchange(drops_line_end_, false)) {
    if (content.starts_with('\r')) content.remove_prefix(1);
    if (content.starts_with('\n')) content.remove_prefix(1);
  }
  flow_.preformatted(decode_entities(content));
}

void Renderer::start(const HtmlToken& tag) {
  if (list_or_table_part(tag)) return;
  const auto attribute = [&](std::string_view name) {
    return decode_entities(tag.attribute(name).value_or(""), HtmlContext::attribute);
  };
  if (tag.name == "br") {
    flow_.line_break();
  } else if (tag.name == "a") {
    close_link();
    link_ = OpenAnchor{without_controls(attribute("href")), flow_.size()};
  } else if (tag.name == "img") {
    const auto alternative = attribute("alt");
    // Some clients put the content id there, which is useless to a reader.
    if (!alternative.starts_with("cid:")) flow_.collapsed(alternative);
  } else if (tag.name == "hr") {
    flow_.block(1);
    flow_.collapsed(rule);
    flow_.block(1);
  } else if (tag.name == "pre") {
    flow_.block(2);
    ++preformatted_;
    drops_line_end_ = true;
  } else {
    flow_.block(line_ends_around(tag.name));
  }
}

void Renderer::end(const HtmlToken& tag) {
  if (list_or_table_part(tag)) return;
  if (tag.name == "a") {
    close_link();
  } else if (tag.name == "pre") {
    if (preformatted_ > 0) --preformatted_;
    flow_.block(2);
  } else {
    flow_.block(line_ends_around(tag.name));
  }
}

bool Renderer::list_or_table_part(const HtmlToken& tag) {
  const bool is_start = tag.kind == HtmlToken::Kind::start_tag;
  const std::string_view name = tag.name;
  if (name == "li") {
    list_item(is_start);
  } else if (name == "ul" || name == "ol" || name == "menu" || name == "dir") {
    list(is_start, name == "ol");
  } else if (name == "td" || name == "th") {
    cell(is_start);
  } else if (name == "tr") {
    row(is_start);
  } else if (name == "table") {
    table(is_start);
  } else {
    return false;
  }
  return true;
}

void Renderer::list(bool is_start, bool is_numbered) {
  if (!is_start) {
    flow_.end_item();
    if (!lists_.empty()) lists_.pop_back();
  }
  flow_.block(lists_.empty() ? 2 : 1);
  if (is_start && lists_.size() < deepest_nesting) lists_.push_back({.is_numbered = is_numbered});
}

void Renderer::list_item(bool is_start) {
  if (!is_start) {
    flow_.end_item();
    return flow_.block(1);
  }
  const auto depth = std::clamp<std::size_t>(lists_.size(), 1, deepest_indent);
  std::string mark((depth - 1) * indent, ' ');
  if (!lists_.empty() && lists_.back().is_numbered) {
    mark += std::to_string(++lists_.back().number) + ". ";
  } else {
    mark += "* ";
  }
  flow_.start_item(std::move(mark));
}

void Renderer::table(bool is_start) {
  flow_.block(1);
  if (is_start) {
    if (rows_.size() < deepest_nesting) rows_.emplace_back();
  } else if (!rows_.empty()) {
    rows_.pop_back();
  }
}

void Renderer::row(bool is_start) {
  if (is_start) {
    flow_.block(1);
  } else {
    flow_.end_cell();
    flow_.close_row();
  }
  if (!rows_.empty()) rows_.back().line.reset();
}

/// Cells of one line each share a line; after a taller one the next begins a line of its own.
void Renderer::cell(bool is_start) {
  flow_.end_cell();
  if (!is_start || rows_.empty()) return flow_.block(is_start ? 1 : 0);
  auto& row = rows_.back();
  if (!row.line) {
    row.line = flow_.next_line();
  } else if (flow_.line() == *row.line) {
    flow_.next_cell();
  } else {
    flow_.block(1);
  }
  flow_.start_cell();
}

void Renderer::close_link() {
  if (!link_) return;
  const auto link = std::move(*link_);
  link_.reset();
  const auto target = trim(link.target);
  if (!is_target_worth_showing(flow_.since(link.start), target)) return;
  flow_.annotate("<" + std::string(target) + ">");
}

}  // namespace

std::string text_from_html(std::string_view html) {
  return Renderer().render(html);
}

}  // namespace postern::mime
