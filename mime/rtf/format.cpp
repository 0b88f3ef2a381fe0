#include "mime/rtf/format.h"

#include <algorithm>

namespace postern::mime {
namespace {

constexpr int longest_indent = 10'000;  // a page is 12,000 wide
constexpr int biggest_half_points = 800;

int length(int twips) {
  return std::clamp(twips, -longest_indent, longest_indent);
}

}  // namespace

void apply(const RtfWord& word, std::optional<int> parameter, RtfFormat& format) {
  const int value = parameter.value_or(word.argument);
  const bool on = value != 0;
  switch (word.action) {
    case RtfAction::bold:
      format.bold = on;
      break;
    case RtfAction::italic:
      format.italic = on;
      break;
    case RtfAction::underline:
      format.underline = on;
      break;
    case RtfAction::strike:
      format.strike = on;
      break;
    case RtfAction::script:
      format.script = on ? static_cast<RtfScript>(word.argument) : RtfScript::none;
      break;
    case RtfAction::font_size:
      format.half_points = std::clamp(value, 1, biggest_half_points);
      break;
    case RtfAction::color:
      format.color = value;
      break;
    case RtfAction::highlight:
      format.highlight = value;
      break;
    default:
      break;
  }
}

void apply(const RtfWord& word, std::optional<int> parameter, RtfParagraph& paragraph) {
  const int value = parameter.value_or(word.argument);
  switch (word.action) {
    case RtfAction::paragraph_defaults:
      paragraph = RtfParagraph();
      break;
    case RtfAction::alignment:
      paragraph.alignment = static_cast<RtfAlignment>(word.argument);
      break;
    case RtfAction::direction:
      paragraph.is_right_to_left = word.argument != 0;
      break;
    case RtfAction::left_indent:
      paragraph.left_indent = length(value);
      break;
    case RtfAction::right_indent:
      paragraph.right_indent = length(value);
      break;
    case RtfAction::first_line_indent:
      paragraph.first_line_indent = length(value);
      break;
    case RtfAction::space_before:
      paragraph.space_before = std::max(length(value), 0);
      break;
    case RtfAction::space_after:
      paragraph.space_after = std::max(length(value), 0);
      break;
    case RtfAction::in_table:
      paragraph.is_in_table = value != 0;
      break;
    case RtfAction::table_nesting:
      paragraph.nesting = std::max(value, 0);
      break;
    default:
      break;
  }
}

}  // namespace postern::mime
