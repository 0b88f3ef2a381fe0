#include "mime/rtf/words.h"

#include <algorithm>
#include <array>

namespace postern::mime {
namespace {

using Action = RtfAction;
using Word = RtfWord;

constexpr bool is_before(const Word& left, const Word& right) {
  return left.name < right.name;
}

constexpr std::array words{
    Word{"ansi", Action::platform, 1252},
    Word{"ansicpg", Action::ansi_code_page},
    Word{"bullet", Action::character, 0, "&bull;", "•"},
    Word{"cell", Action::end_of_cell},
    Word{"colortbl", Action::skip},
    Word{"column", Action::end_of_line},
    Word{"cpg", Action::font_code_page},
    Word{"deff", Action::default_font},
    Word{"emdash", Action::character, 0, "&mdash;", "—"},
    Word{"emspace", Action::character, 0, "&emsp;", "\u2003"},
    Word{"endash", Action::character, 0, "&ndash;", "–"},
    Word{"enspace", Action::character, 0, "&ensp;", "\u2002"},
    Word{"f", Action::font},
    Word{"fcharset", Action::charset},
    Word{"field", Action::field},
    Word{"filetbl", Action::skip},
    Word{"fldinst", Action::field_instruction},
    Word{"fldrslt", Action::field_result},
    Word{"fonttbl", Action::font_table},
    Word{"footer", Action::skip},
    Word{"footerf", Action::skip},
    Word{"footerl", Action::skip},
    Word{"footerr", Action::skip},
    Word{"generator", Action::skip},
    Word{"header", Action::skip},
    Word{"headerf", Action::skip},
    Word{"headerl", Action::skip},
    Word{"headerr", Action::skip},
    Word{"htmlrtf", Action::html_rtf},
    Word{"htmltag", Action::html_tag},
    Word{"info", Action::skip},
    Word{"ldblquote", Action::character, 0, "&ldquo;", "“"},
    Word{"line", Action::end_of_line},
    Word{"listtext", Action::list_text},
    Word{"lquote", Action::character, 0, "&lsquo;", "‘"},
    Word{"ltrmark", Action::character, 0, "&lrm;", "\u200E"},
    Word{"mac", Action::platform, 10000},
    Word{"mhtmltag", Action::skip},
    Word{"nestcell", Action::end_of_cell},
    Word{"nestrow", Action::end_of_row},
    Word{"nesttableprops", Action::keep},
    Word{"nonesttables", Action::skip},
    Word{"nonshppict", Action::skip},
    Word{"object", Action::object},
    Word{"page", Action::end_of_line},
    Word{"par", Action::end_of_line},
    Word{"pc", Action::platform, 437},
    Word{"pca", Action::platform, 850},
    Word{"pict", Action::skip},
    Word{"plain", Action::plain},
    Word{"pntext", Action::list_text},
    Word{"pntxta", Action::skip},
    Word{"pntxtb", Action::skip},
    Word{"rdblquote", Action::character, 0, "&rdquo;", "”"},
    Word{"result", Action::object_result},
    Word{"row", Action::end_of_row},
    Word{"rquote", Action::character, 0, "&rsquo;", "’"},
    Word{"rtlmark", Action::character, 0, "&rlm;", "\u200F"},
    Word{"sect", Action::end_of_line},
    Word{"shpinst", Action::keep},
    Word{"shprslt", Action::skip},
    Word{"shptxt", Action::keep},
    Word{"softline", Action::end_of_line},
    Word{"sp", Action::skip},
    Word{"stylesheet", Action::skip},
    Word{"tab", Action::tab},
    Word{"tc", Action::skip},
    Word{"u", Action::unicode},
    Word{"uc", Action::unicode_skip},
    Word{"ud", Action::unicode_destination},
    Word{"upr", Action::unicode_pair},
    Word{"v", Action::hidden},
    Word{"xe", Action::skip},
    Word{"zwj", Action::character, 0, "&zwj;", "\u200D"},
    Word{"zwnj", Action::character, 0, "&zwnj;", "\u200C"},
};
static_assert(std::is_sorted(words.begin(), words.end(), is_before));

}  // namespace

const RtfWord* find_rtf_word(std::string_view name) {
  const auto* const found =
      std::lower_bound(words.begin(), words.end(), Word{name, Action::skip}, is_before);
  return found != words.end() && found->name == name ? found : nullptr;
}

}  // namespace postern::mime
