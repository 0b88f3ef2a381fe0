#include "cli/output/sentence.h"

#include <cstdio>

#include "cli/output/table.h"

namespace postern::cli {

void say(std::string_view sentence) {
  auto line = for_display(sentence);
  line.erase(line.find_last_not_of(' ') + 1);
  if (line.find_last_of(".!?") + 1 != line.size()) line += '.';
  std::fprintf(stderr, "postern: %s\n", line.c_str());
}

void say_about(std::string_view file, std::string_view sentence) {
  say(sentence_about(file, sentence));
}

std::string sentence_about(std::string_view file, std::string_view sentence) {
  if (sentence.find(file) != std::string_view::npos) return std::string(sentence);
  return "'" + std::string(file) + "': " + std::string(sentence);
}

}  // namespace postern::cli
