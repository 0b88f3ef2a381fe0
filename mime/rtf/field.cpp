#include "mime/rtf/field.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace postern::mime {
namespace {

struct InstructionWord {
  std::string_view text;
  bool is_quoted;
};

/// The next word of a field instruction, without its quotes; removed from the instruction.
std::optional<InstructionWord> next_word(std::string_view& instruction) {
  const auto first = instruction.find_first_not_of(' ');
  if (first == std::string_view::npos) return std::nullopt;
  instruction.remove_prefix(first);
  const bool is_quoted = instruction.front() == '"';
  if (is_quoted) instruction.remove_prefix(1);
  const auto word = instruction.substr(0, instruction.find(is_quoted ? '"' : ' '));
  instruction.remove_prefix(std::min(instruction.size(), word.size() + 1));
  return InstructionWord{word, is_quoted};
}

/// Instructions escape the backslash by another one.
std::string unescaped(std::string_view word) {
  std::string text;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word.substr(i, 2) == "\\\\") ++i;
    text += word[i];
  }
  return text;
}

}  // namespace

std::string hyperlink_target(std::string_view instruction) {
  const auto type = next_word(instruction);
  if (!type || !equals_ignoring_case(type->text, "HYPERLINK")) return {};
  std::string url;
  std::string place;
  while (const auto word = next_word(instruction)) {
    if (word->is_quoted || !word->text.starts_with('\\')) {
      if (url.empty()) url = unescaped(word->text);
      continue;
    }
    const bool has_argument = word->text == "\\l" || word->text == "\\o" || word->text == "\\t";
    const auto argument = has_argument ? next_word(instruction) : std::nullopt;
    if (argument && word->text == "\\l") place = argument->text;
  }
  if (url.empty() || place.empty() || url.find('#') != std::string::npos) return url;
  return url + '#' + place;
}

}  // namespace postern::mime
