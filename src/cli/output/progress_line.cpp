#include "cli/output/progress_line.h"

#include <cstdio>
#include <unistd.h>

namespace postern::cli {
namespace {

constexpr const char* erase_line = "\r\033[K";

}  // namespace

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  clear();
}

void ProgressLine::show(const std::string& text) {
  if (!terminal_ || text == shown_) return;
  std::fprintf(stderr, "%s%s", erase_line, text.c_str());
  std::fflush(stderr);
  shown_ = text;
}

void ProgressLine::clear() {
  if (!terminal_ || shown_.empty()) return;
  std::fputs(erase_line, stderr);
  shown_.clear();
}

}  // namespace postern::cli
