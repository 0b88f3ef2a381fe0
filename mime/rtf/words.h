// What the control words of RTF mean for its text and HTML (mapi-to-mime.md §§4.3, 4.4). Words that
// are not listed are ignored; an ignorable group (\*) of such a word is skipped.
#pragma once

#include <string_view>

namespace postern::mime {

enum class RtfAction {
  // Output
  character,    ///< one character: `html` and `text` are its two spellings
  end_of_line,  ///< \line and kin
  end_of_paragraph,
  tab,
  end_of_cell,  ///< `argument` is an RtfTable
  end_of_row,
  attachment,  ///< \objattph
  unicode,     ///< \uN
  // State of the group
  unicode_skip,  ///< \ucN
  font,
  plain,
  hidden,    ///< \v
  html_rtf,  ///< \htmlrtf
  // Formatting (mime/rtf/format.h). `argument` is what a word without a number says.
  bold,
  italic,
  underline,
  strike,
  script,
  font_size,
  color,
  highlight,
  paragraph_defaults,
  alignment,
  direction,
  left_indent,
  right_indent,
  first_line_indent,
  space_before,
  space_after,
  in_table,
  table_nesting,
  row_defaults,
  cell_border,
  border_line,
  // Pictures
  picture_width,
  picture_height,
  picture_scale_x,
  picture_scale_y,
  // Document
  red,
  green,
  blue,
  default_font,
  platform,  ///< `argument` is the code page
  ansi_code_page,
  charset,
  font_code_page,
  // Destinations
  skip,
  font_table,
  color_table,
  picture,
  property,  ///< \sp of a drawing: skipped but for its picture
  html_tag,
  list_text,
  object,  ///< skipped but for its \result
  object_result,
  unicode_pair,  ///< \upr: skipped but for its \ud
  unicode_destination,
  field,
  field_instruction,
  field_result,
  keep,  ///< an ignorable group that holds text of the document
};

constexpr bool is_output(RtfAction action) {
  return action <= RtfAction::unicode;
}
constexpr bool is_group_state(RtfAction action) {
  return action > RtfAction::unicode && action <= RtfAction::html_rtf;
}
constexpr bool is_formatting(RtfAction action) {
  return action >= RtfAction::bold && action <= RtfAction::border_line;
}
constexpr bool is_picture_size(RtfAction action) {
  return action >= RtfAction::picture_width && action <= RtfAction::picture_scale_y;
}
constexpr bool is_destination(RtfAction action) {
  return action >= RtfAction::skip;
}

struct RtfWord {
  std::string_view name;
  RtfAction action;
  int argument = 0;
  std::string_view html = {};  ///< character: as an entity
  std::string_view text = {};  ///< character: as UTF-8
};

/// The word's row; nullptr for words that are ignored. Case-sensitive.
const RtfWord* find_rtf_word(std::string_view name);

}  // namespace postern::mime
