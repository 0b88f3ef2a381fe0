#include "smtp/syntax/capability_line.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/text.h"

namespace postern::smtp {
namespace {

constexpr std::size_t code_size = 4;  // "250-"

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

void normalise_capability_line(std::span<char> line) {
  if (line.size() < code_size) return;
  const std::span<char> text = line.subspan(code_size);
  const std::string known = lower_case({text.data(), std::min<std::size_t>(text.size(), 8)});
  const bool auth =
      known.starts_with("auth ") || known.starts_with("auth=") || known.starts_with("auth\t");
  if (!auth && known != "starttls") return;
  std::transform(text.begin(), text.end(), text.begin(), upper);
  if (auth) text[4] = ' ';
}

}  // namespace postern::smtp
