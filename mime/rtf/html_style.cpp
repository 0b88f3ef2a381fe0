#include "mime/rtf/html_style.h"

#include <array>

#include "base/text.h"

namespace postern::mime {
namespace {

/// A font's name as CSS and an attribute may hold it.
std::string font_family(const RtfFormat& format, const RtfTables& tables) {
  std::string name;
  for (const char c : tables.fonts.name(format.font)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
                          is_high(c) || c == ' ' || c == '-' || c == '_' || c == '.';
    if (is_plain) name += c;
  }
  const auto trimmed = trim(name);
  return trimmed.empty() ? "" : "font-family:'" + std::string(trimmed) + "';";
}

std::string font_size(const RtfFormat& format) {
  return "font-size:" + std::to_string(format.half_points / 2) +
         (format.half_points % 2 == 0 ? "pt;" : ".5pt;");
}

std::string color(std::string_view property, int number, const RtfTables& tables) {
  const auto color = tables.colors.color(number);
  if (!color) return {};
  std::string style = std::string(property) + ":#";
  for (const auto component : {color->red, color->green, color->blue}) {
    append_hex(style, static_cast<char>(component));
  }
  return style + ';';
}

std::string run_style(const RtfFormat& format, const RtfFormat& outer, const RtfTables& tables) {
  std::string style;
  if (format.font != outer.font) style += font_family(format, tables);
  if (format.half_points != outer.half_points) style += font_size(format);
  if (format.color != outer.color) style += color("color", format.color, tables);
  if (format.highlight > 0) style += color("background-color", format.highlight, tables);
  return style;
}

std::string points(int twips) {
  constexpr int twips_per_point = 20;
  return twips == 0 ? "0" : std::to_string(twips / twips_per_point) + "pt";
}

std::string margins(const RtfParagraph& paragraph) {
  const bool has_none = paragraph.space_before == 0 && paragraph.space_after == 0 &&
                        paragraph.left_indent == 0 && paragraph.right_indent == 0;
  if (has_none) return "margin:0";
  return "margin:" + points(paragraph.space_before) + ' ' + points(paragraph.right_indent) + ' ' +
         points(paragraph.space_after) + ' ' + points(paragraph.left_indent);
}

std::string_view alignment_name(RtfAlignment alignment) {
  constexpr std::array<std::string_view, 4> names{"left", "center", "right", "justify"};
  return names[static_cast<std::size_t>(alignment)];
}

}  // namespace

HtmlTags run_tags(const RtfFormat& format, const RtfFormat& outer, const RtfTables& tables) {
  HtmlTags tags;
  const auto add = [&tags](std::string_view element, std::string_view attributes = {}) {
    tags.opening.append("<").append(element).append(attributes).append(">");
    tags.closing = "</" + std::string(element) + '>' + tags.closing;
  };
  const auto style = run_style(format, outer, tables);
  if (!style.empty()) add("span", " style=\"" + style + '"');
  if (format.bold) add("b");
  if (format.italic) add("i");
  if (format.underline) add("u");
  if (format.strike) add("s");
  if (format.script == RtfScript::super) add("sup");
  if (format.script == RtfScript::sub) add("sub");
  return tags;
}

std::string text_style(const RtfFormat& format, const RtfTables& tables) {
  return font_family(format, tables) + font_size(format) + color("color", format.color, tables);
}

std::string paragraph_tag(const RtfParagraph& paragraph) {
  std::string tag = "<p";
  if (paragraph.is_right_to_left) tag += " dir=\"rtl\"";
  tag += " style=\"" + margins(paragraph);
  if (paragraph.first_line_indent != 0) {
    tag += ";text-indent:" + points(paragraph.first_line_indent);
  }
  if (paragraph.alignment != RtfAlignment::left) {
    tag.append(";text-align:").append(alignment_name(paragraph.alignment));
  }
  return tag + "\">";
}

}  // namespace postern::mime
