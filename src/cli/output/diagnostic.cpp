#include "cli/output/diagnostic.h"

#include <cstdio>

#include "cli/output/table.h"

namespace postern::cli {

void print_diagnostic(std::string_view sentence) {
  auto line = for_display(sentence);
  line.erase(line.find_last_not_of(' ') + 1);
  if (line.find_last_of(".!?") + 1 != line.size()) line += '.';
  std::fprintf(stderr, "postern: %s\n", line.c_str());
}

void print_file_diagnostic(std::string_view file, std::string_view sentence) {
  print_diagnostic(file_diagnostic(file, sentence));
}

std::string file_diagnostic(std::string_view file, std::string_view sentence) {
  if (sentence.find(file) != std::string_view::npos) return std::string(sentence);
  return "'" + std::string(file) + "': " + std::string(sentence);
}

}  // namespace postern::cli
