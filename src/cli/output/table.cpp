#include "cli/output/table.h"

#include <algorithm>
#include <cstdint>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace postern::cli {
namespace {

constexpr std::string_view ellipsis = "…";

/// Calls `use(character, octets)` for each character; malformed octets come as U+FFFD.
template <class Use>
void for_each_character(std::string_view text, Use use) {
  const auto* octets = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int64_t>(text.size());
  for (std::int64_t i = 0; i < length;) {
    const auto start = i;
    UChar32 character = 0;
    U8_NEXT_OR_FFFD(octets, i, length, character);
    use(character,
        text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(i - start)));
  }
}

bool is_control(UChar32 character) {
  const auto type = u_charType(character);
  return type == U_CONTROL_CHAR || type == U_FORMAT_CHAR;
}

std::size_t columns_of(UChar32 character) {
  const auto type = u_charType(character);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK) return 0;
  const auto width = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_FULLWIDTH || width == U_EA_WIDE ? 2 : 1;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for_each_character(text, [&](UChar32 c, std::string_view) { width += columns_of(c); });
  return width;
}

std::string for_display(std::string_view text, std::size_t width) {
  std::string shown;
  for_each_character(text, [&](UChar32 character, std::string_view octets) {
    if (is_control(character)) {
      shown += ' ';
    } else {
      shown += character == 0xFFFD ? std::string_view("\xEF\xBF\xBD") : octets;
    }
  });
  if (width == 0 || display_width(shown) <= width) return shown;
  std::string cut;
  std::size_t used = 1;
  for_each_character(shown, [&](UChar32 character, std::string_view octets) {
    used += columns_of(character);
    if (used <= width) cut += octets;
  });
  return cut + std::string(ellipsis);
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(for_display(row[i])));
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto cell = for_display(row[i]);
      line += cell;
      if (i + 1 < row.size()) line.append(widths[i] - display_width(cell) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace postern::cli
