#include "mime/rtf/text.h"

#include <algorithm>

#include "mime/html/link_target.h"
#include "mime/rtf/field.h"

namespace postern::mime {
void RtfText::text(std::string_view text) {
  text_.append(cells_ended_, '\t');
  cells_ended_ = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of("\r\n", at), text.size());
    text_ += text.substr(at, end - at);
    if (end < text.size() && text[end] == '\n') text_ += "\r\n";
    at = end + 1;
  }
}

void RtfText::character(std::string_view /*html*/, std::string_view character) {
  text(character);
}

void RtfText::end_of_line() {
  text("\n");
}

void RtfText::end_of_cell(RtfTable /*table*/) {
  ++cells_ended_;
}

/// The last cell's end needs no tab.
void RtfText::end_of_row(RtfTable /*table*/) {
  cells_ended_ = 0;
  end_of_line();
}

void RtfText::start_field() {
  fields_.push_back({{}, text_.size()});
}

void RtfText::field_instruction(std::string_view text) {
  if (fields_.empty()) return;
  auto& instruction = fields_.back().instruction;
  if (instruction.size() + text.size() <= longest_instruction) instruction += text;
}

void RtfText::start_field_result() {
  if (!fields_.empty()) fields_.back().result_start = text_.size();
}

void RtfText::end_field() {
  if (fields_.empty()) return;
  const auto field = std::move(fields_.back());
  fields_.pop_back();
  const auto target = hyperlink_target(field.instruction);
  const auto result = std::string_view(text_).substr(field.result_start);
  if (!is_target_worth_showing(result, target)) return;
  if (!result.empty()) text(" ");
  text("<");
  text(target);
  text(">");
}

}  // namespace postern::mime
