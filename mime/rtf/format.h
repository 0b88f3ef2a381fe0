// The formatting of true RTF that its HTML keeps (mapi-to-mime.md §4.4): of characters and of
// paragraphs. Lengths are twips, twentieths of a point.
#pragma once

#include <optional>

#include "mime/rtf/words.h"

namespace postern::mime {

enum class RtfScript { none, super, sub };
enum class RtfAlignment { left, center, right, justified };
enum class RtfTable { outer, nested };

struct RtfFormat {
  bool bold = false;
  bool italic = false;
  bool underline = false;
  bool strike = false;
  RtfScript script = RtfScript::none;
  int font = 0;
  int half_points = 24;
  int color = 0;      ///< number in the colour table
  int highlight = 0;  ///< likewise; 0 is none

  bool operator==(const RtfFormat&) const = default;
};

struct RtfParagraph {
  RtfAlignment alignment = RtfAlignment::left;
  bool is_right_to_left = false;
  int left_indent = 0;
  int right_indent = 0;
  int first_line_indent = 0;
  int space_before = 0;
  int space_after = 0;
  bool is_in_table = false;
  int nesting = 1;

  bool operator==(const RtfParagraph&) const = default;
};

/// Applies a formatting word (`is_formatting`) with its number; others change nothing.
void apply(const RtfWord& word, std::optional<int> parameter, RtfFormat& format);
void apply(const RtfWord& word, std::optional<int> parameter, RtfParagraph& paragraph);

}  // namespace postern::mime
