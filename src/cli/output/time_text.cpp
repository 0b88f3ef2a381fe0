#include "cli/output/time_text.h"

#include <array>
#include <ctime>

namespace postern::cli {
namespace {

std::string format(const std::tm& parts, const char* pattern) {
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), pattern, &parts)};
}

}  // namespace

std::string local_time(mapi::FileTime time) {
  const std::time_t seconds = time.unix_seconds();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return format(parts, "%Y-%m-%d %H:%M:%S");
}

std::string iso_time(mapi::FileTime time) {
  const std::time_t seconds = time.unix_seconds();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return format(parts, "%Y-%m-%dT%H:%M:%SZ");
}

}  // namespace postern::cli
