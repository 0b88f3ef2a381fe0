#include "mime/rtf/html.h"

#include <algorithm>
#include <utility>

#include "mime/html/entities.h"
#include "mime/html/link_target.h"
#include "mime/html/visible.h"
#include "mime/rtf/field.h"

namespace postern::mime {
namespace {

constexpr std::size_t most_pictures = 250;
constexpr std::size_t longest_target = 2000;
constexpr std::string_view tab = "&nbsp;&nbsp;&nbsp; ";

std::string attribute(std::string_view name, std::string_view value) {
  return ' ' + std::string(name) + "=\"" + escaped_html(value) + '"';
}

std::string image(std::string_view url, std::string_view alternative, int width, int height) {
  auto tag = "<img" + attribute("src", url);
  if (width > 0) tag += attribute("width", std::to_string(width));
  if (height > 0) tag += attribute("height", std::to_string(height));
  return tag + attribute("alt", alternative) + '>';
}

}  // namespace

void RtfHtml::format(const RtfFormat& format, const RtfTables& tables) {
  tables_ = &tables;
  format_ = format;
}

void RtfHtml::text(std::string_view text) {
  if (is_given_up()) return;
  if (!result_.shows_something) result_.shows_something = is_visible_text(text);
  open_run();
  for (const char c : text) write(c);
}

/// Browsers collapse blanks, so every second one is made to stay.
void RtfHtml::write(char c) {
  switch (c) {
    case ' ':
      inline_ += after_blank_ ? "&nbsp;" : " ";
      after_blank_ = !after_blank_;
      return;
    case '\n':
      return end_of_line();
    case '\t':
      inline_ += tab;
      after_blank_ = true;
      return;
    default:
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7F') return;
      append_escaped_html(inline_, c);
      after_blank_ = false;
  }
}

void RtfHtml::character(std::string_view html, std::string_view text) {
  if (is_given_up()) return;
  if (!result_.shows_something) result_.shows_something = is_visible_text(text);
  show(html);
  after_blank_ = false;
}

void RtfHtml::show(std::string_view html) {
  open_run();
  inline_ += html;
}

void RtfHtml::end_of_line() {
  if (is_given_up()) return;
  show("<br>\r\n");
  after_blank_ = true;
}

void RtfHtml::end_of_paragraph() {
  if (inline_.empty()) inline_ = "&nbsp;";
  end_block(depth());
}

void RtfHtml::end_of_cell(RtfTable table) {
  if (is_given_up()) return;
  if (!inline_.empty()) end_block(depth(table));
  flow_.end_of_cell(depth(table));
}

void RtfHtml::end_of_row(RtfTable table) {
  if (is_given_up()) return;
  if (!inline_.empty()) end_block(depth(table));
  flow_.end_of_row(depth(table));
}

/// How deep in tables the current paragraph is.
std::size_t RtfHtml::depth() const {
  return paragraph_.is_in_table ? static_cast<std::size_t>(std::max(paragraph_.nesting, 1)) : 0;
}

/// Some writers do not say that the paragraph of a cell is in one.
std::size_t RtfHtml::depth(RtfTable table) const {
  return table == RtfTable::outer ? 1 : static_cast<std::size_t>(std::max(paragraph_.nesting, 2));
}

/// Puts the paragraph into the document or into the cell where it stands.
void RtfHtml::end_block(std::size_t depth) {
  close_run();
  close_link();
  gave_up_ = is_given_up();
  if (!gave_up_) flow_.block(depth, paragraph_tag(paragraph_) + inline_ + "</p>\r\n");
  inline_.clear();
  after_blank_ = true;
}

void RtfHtml::open_run() {
  const auto link = fields_.empty() ? no_link : fields_.back().link;
  if (is_run_open_ && link == open_link_ && format_ == run_format_) return;
  close_run();
  if (link != open_link_) {
    close_link();
    if (link != no_link) inline_ += fields_[link].link_tag;
    open_link_ = link;
  }
  if (tables_ == nullptr) return;
  if (!base_) {
    base_ = {.font = format_.font, .half_points = format_.half_points, .color = format_.color};
  }
  auto tags = run_tags(format_, *base_, *tables_);
  inline_ += tags.opening;
  run_closing_ = std::move(tags.closing);
  run_format_ = format_;
  is_run_open_ = true;
}

void RtfHtml::close_run() {
  inline_ += std::exchange(run_closing_, {});
  is_run_open_ = false;
}

void RtfHtml::close_link() {
  if (open_link_ != no_link) inline_ += "</a>";
  open_link_ = no_link;
}

void RtfHtml::start_field() {
  fields_.push_back({{}, {}, fields_.empty() ? no_link : fields_.back().link});
}

void RtfHtml::field_instruction(std::string_view text) {
  if (fields_.empty()) return;
  auto& instruction = fields_.back().instruction;
  if (instruction.size() + text.size() <= longest_instruction) instruction += text;
}

void RtfHtml::start_field_result() {
  if (fields_.empty()) return;
  const auto target = hyperlink_target(std::exchange(fields_.back().instruction, {}));
  if (target.empty()) return;
  if (target.size() <= longest_target && is_safe_target(target)) {
    fields_.back().link_tag = "<a" + attribute("href", target) + '>';
    fields_.back().link = fields_.size() - 1;
  } else {
    ++result_.links_lost;
  }
}

void RtfHtml::end_field() {
  if (fields_.empty()) return;
  if (open_link_ == fields_.size() - 1) {
    close_run();
    close_link();
  }
  fields_.pop_back();
}

void RtfHtml::picture(const RtfPicture& picture) {
  if (is_given_up() || picture.octets().empty()) return;
  const auto media_type = picture.media_type();
  if (media_type.empty() || result_.pictures.size() == most_pictures) {
    ++result_.pictures_lost;
    return;
  }
  auto id = options_.content_id(picture.octets());
  show(image("cid:" + id, "", picture.width(), picture.height()));
  after_blank_ = false;
  result_.pictures.push_back({media_type, picture.octets(), std::move(id)});
  result_.shows_something = true;
}

void RtfHtml::attachment() {
  if (is_given_up() || attachments_placed_ == options_.attachments.size()) return;
  const auto& [name, url] = options_.attachments[attachments_placed_++];
  show(url.empty() ? escaped_html("<<" + name + ">>") : image(url, name, 0, 0));
  after_blank_ = false;
  result_.shows_something = true;
}

std::optional<FormattedRtf> RtfHtml::take() {
  if (!inline_.empty()) end_block(depth());
  if (is_given_up()) return std::nullopt;
  const auto style = base_ ? attribute("style", text_style(*base_, *tables_)) : "";
  result_.html =
      "<html><head></head><body" + style + ">\r\n" + flow_.finish() + "</body></html>\r\n";
  return std::move(result_);
}

}  // namespace postern::mime
