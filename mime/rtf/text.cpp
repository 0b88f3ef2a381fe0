#include "mime/rtf/text.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "mime/html/link_target.h"

namespace postern::mime {
namespace {

/// The next word of a field instruction, without its quotes; removed from the instruction.
std::optional<std::string_view> next_word(std::string_view& instruction) {
  const auto first = instruction.find_first_not_of(' ');
  if (first == std::string_view::npos) return std::nullopt;
  instruction.remove_prefix(first);
  const bool is_quoted = instruction.front() == '"';
  if (is_quoted) instruction.remove_prefix(1);
  const auto word = instruction.substr(0, instruction.find(is_quoted ? '"' : ' '));
  instruction.remove_prefix(std::min(instruction.size(), word.size() + 1));
  return word;
}

/// The URL of `HYPERLINK [switches] "url"`; empty for other fields and for links within the text.
std::string_view hyperlink_target(std::string_view instruction) {
  const auto type = next_word(instruction);
  if (!type || !equals_ignoring_case(*type, "HYPERLINK")) return {};
  while (const auto word = next_word(instruction)) {
    if (!word->starts_with('\\')) return *word;
    const bool has_argument = *word == "\\l" || *word == "\\o" || *word == "\\t";
    if (has_argument) next_word(instruction);
  }
  return {};
}

}  // namespace

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

void RtfText::end_of_cell() {
  ++cells_ended_;
}

/// The last cell's end needs no tab.
void RtfText::end_of_row() {
  cells_ended_ = 0;
  end_of_line();
}

void RtfText::start_field() {
  fields_.push_back({{}, text_.size()});
}

void RtfText::field_instruction(std::string_view text) {
  if (!fields_.empty()) fields_.back().instruction += text;
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
